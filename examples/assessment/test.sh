#!/bin/sh
# Runs the tests of this example in a virtual environment of its own.
#
# ASSESSMENT_VENV  where the environment lives (default: target/assessment-venv
#                  of the repository)
# PYTHON           the interpreter to create it with (default: python3)
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
venv=${ASSESSMENT_VENV:-$here/../../target/assessment-venv}
stamp=$venv/.requirements
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1

if ! cmp -s "$here/pyproject.toml" "$stamp"; then
    mkdir -p "$(dirname -- "$venv")"
    "${PYTHON:-python3}" -m venv "$venv"
    # The dependencies alone: building the project would leave files in the tree.
    "$venv/bin/python" - "$here/pyproject.toml" >"$venv/requirements.txt" <<'EOF'
import sys
import tomllib

with open(sys.argv[1], "rb") as file:
    project = tomllib.load(file)["project"]
print(*project["dependencies"], *project["optional-dependencies"]["dev"], sep="\n")
EOF
    "$venv/bin/python" -m pip install --quiet --requirement "$venv/requirements.txt" >&2
    cp "$here/pyproject.toml" "$stamp"
fi

cd "$here"
exec "$venv/bin/python" -m pytest "$@"
