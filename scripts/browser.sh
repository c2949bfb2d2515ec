#!/usr/bin/env bash
# browser.sh [ARGUMENTS OF PYTEST]: each role's day and every page, in Chromium, against a server of the tests' own.
# Screenshots of all pages are left in screenshots/.
set -euo pipefail
cd "$(dirname "$0")/.."
export POPUG_BINARY=${POPUG_BINARY:-$PWD/.build/release/popug}
exec .venv/bin/python -B -m pytest -q -p no:cacheprovider --durations=5 Tests/Browser "$@"
