#!/bin/sh
# Every test, in two runs side by side: those of the whole product and of the workflows, which mostly wait, and all others.
# With arguments: one run of pytest with them.
set -u
pytest=.venv/bin/pytest
if [ $# -gt 0 ]; then
    exec "$pytest" "$@"
fi
log=build/test-product.log
mkdir -p build
"$pytest" tests/calls tests/workers/test_up_tree.py tests/workflows >"$log" 2>&1 &
product=$!
trap 'kill -INT "$product" 2>/dev/null' INT TERM
"$pytest" tests --ignore tests/calls --ignore tests/workers/test_up_tree.py --ignore tests/workflows
others=$?
echo "The tests of the whole product and of the workflows, which ran beside these:"
wait "$product"
whole=$?
cat "$log"
[ "$others" -eq 0 ] && exit "$whole"
exit "$others"
