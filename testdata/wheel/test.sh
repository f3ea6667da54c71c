#!/usr/bin/env bash
# Builds the wheel, installs it into an environment that has nothing else, and uses it from there as its users do: the
# command, the module, the hooks of pre-commit, the steps of the GitHub action.
#
# WHEEL          a wheel that is there already (default: one is built)
# WHEEL_PROFILE  the profile of cargo (default: dev, which the other tests have built already)
# WHEEL_VENV     where the tools of these tests live (default: target/wheel-venv of the repository)
# PYTHON         the interpreter to create environments with (default: python3)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)
tools=${WHEEL_VENV:-$root/target/wheel-venv}
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1

if ! cmp -s "$here/requirements.txt" "$tools/.requirements"; then
  mkdir -p "$(dirname -- "$tools")"
  "${PYTHON:-python3}" -m venv "$tools"
  "$tools/bin/python" -m pip install --quiet --requirement "$here/requirements.txt" >&2
  cp "$here/requirements.txt" "$tools/.requirements"
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [[ -z ${WHEEL:-} ]]; then
  export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}"
  (cd "$root" && "$tools/bin/maturin" build --quiet --profile "${WHEEL_PROFILE:-dev}" --out "$scratch/wheel" >&2)
  WHEEL=$(echo "$scratch"/wheel/*.whl)
fi
"${PYTHON:-python3}" -m venv "$scratch/clean"
"$scratch/clean/bin/python" -m pip install --quiet --no-index "$WHEEL" >&2

export WHEEL CLEAN=$scratch/clean
cd "$here"
exec "$tools/bin/python" -m pytest -q -p no:cacheprovider --basetemp "$scratch/tests" "$@"
