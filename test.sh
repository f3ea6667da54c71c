#!/usr/bin/env bash
# Every test of the project: the Rust workspace, then the example service with its own tools.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

cargo test --locked --workspace

example=examples/assessment/test.sh
if [[ -f $example ]]; then
  bash "$example"
fi
