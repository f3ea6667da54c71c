#!/usr/bin/env bash
# Generates services and runs everything on them that users would: tools, tests, migrations, a server.
#
# SCAFFOLD_CELLS  all, or names of cells separated by commas (default: a part, another one with each commit)
# SCAFFOLD_VENV   where the environment of these tests lives (default: target/scaffold-venv of the repository)
# ARCHITECT       the program (default: what cargo builds)
# PYTHON          the interpreter to create the environment with (default: python3)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
venv=${SCAFFOLD_VENV:-$root/target/scaffold-venv}
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1

if ! cmp -s "$here/requirements.txt" "$venv/.requirements"; then
  mkdir -p "$(dirname -- "$venv")"
  "${PYTHON:-python3}" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --requirement "$here/requirements.txt" >&2
  cp "$here/requirements.txt" "$venv/.requirements"
fi
if [[ -z ${ARCHITECT:-} ]]; then
  (cd "$root" && cargo build --quiet --locked -p fastapi_architect)
  ARCHITECT=$(realpath -m "${CARGO_TARGET_DIR:-$root/target}")/debug/fastapi-architect
fi
export ARCHITECT
export PATH=$venv/bin:$PATH
cd "$here"
exec "$venv/bin/python" -m pytest -q -p no:cacheprovider "$@"
