#!/usr/bin/env bash
# Opens the pages that `--format html` writes in a headless Chromium. Without Chromium it says so and does nothing,
# in CI it fails.
#
# CHROMIUM   the browser (default: chromium, chromium-browser or google-chrome)
# ARCHITECT  the program (default: what cargo builds)
# PYTHON     the interpreter (default: python3); its standard library is enough
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
export PYTHONDONTWRITEBYTECODE=1

if [[ -z ${ARCHITECT:-} ]]; then
  (cd "$root" && cargo build --quiet --locked -p fastapi_architect)
  ARCHITECT=$(realpath -m "${CARGO_TARGET_DIR:-$root/target}")/debug/fastapi-architect
fi
export ARCHITECT
cd "$here"
exec "${PYTHON:-python3}" -m unittest "$@"
