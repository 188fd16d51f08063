#!/bin/sh
# Every test; with arguments: one run of pytest with them.
set -u
if [ $# -gt 0 ]; then
    exec .venv/bin/pytest "$@"
fi
exec .venv/bin/python -m tests.everything
