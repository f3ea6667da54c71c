#!/usr/bin/env bash
# Builds the documentation site; every link in it has to lead somewhere.
#
# SITE_VENV  where mkdocs lives (default: target/site-venv of the repository)
# SITE       where the site is written (default: nowhere, it is only tried)
# PYTHON     the interpreter to create the environment with (default: python3)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)
venv=${SITE_VENV:-$root/target/site-venv}
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1

if ! cmp -s "$here/requirements.txt" "$venv/.requirements"; then
  mkdir -p "$(dirname -- "$venv")"
  "${PYTHON:-python3}" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --requirement "$here/requirements.txt" >&2
  cp "$here/requirements.txt" "$venv/.requirements"
fi
site=${SITE:-$(mktemp -d)}
if [[ -z ${SITE:-} ]]; then
  trap 'rm -rf "$site"' EXIT
fi
"$venv/bin/mkdocs" build --quiet --strict --config-file "$root/mkdocs.yml" --site-dir "$site"
for page in index.html rules/route-shadowed/index.html how-to/pull-requests/index.html; do
  if [[ ! -s $site/$page ]]; then
    echo "$page is missing in the site" >&2
    exit 1
  fi
done
echo "the site is built: $(find "$site" -name index.html | wc -l) pages"
