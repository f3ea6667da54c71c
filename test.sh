#!/usr/bin/env bash
# Every test of the project: the Rust workspace, the example service with its own tools, services that really run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

cargo test --locked --workspace
bash examples/assessment/test.sh
bash testdata/services/test.sh
bash testdata/scaffold/test.sh
