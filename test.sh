#!/usr/bin/env bash
# Every test of the project: the Rust workspace, the example service with its own tools, services that really run,
# the wheel and the site.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

cargo test --locked --workspace
bash examples/assessment/test.sh
bash testdata/services/test.sh
bash testdata/browser/test.sh
bash testdata/scaffold/test.sh
bash testdata/wheel/test.sh
bash testdata/site/test.sh
