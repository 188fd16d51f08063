#!/bin/sh
# Builds web/ into web/dist when its sources changed; with "check", type-checks and lints it instead.
set -eu
cd "$(dirname "$0")/../.."
. deploy/setup/certificates.sh

hash_of() { find "$@" -type f | LC_ALL=C sort | tr '\n' '\0' | xargs -0 sha256sum | sha256sum | cut -d' ' -f1; }

sources=$(find web -mindepth 1 -maxdepth 1 ! -name node_modules ! -name dist ! -name '.*' | LC_ALL=C sort)
# shellcheck disable=SC2086  # our own file names hold no spaces
built=$(hash_of $sources)
installed=$(hash_of web/package.json web/package-lock.json)

if [ "${1:-build}" = build ] && [ -f web/dist/index.html ] && [ "$(cat web/dist/.hatif-stamp 2>/dev/null)" = "$built" ]; then
    exit 0
fi

node=$(sh deploy/setup/node.sh)
PATH="$node:$PATH"
export PATH

if [ "$(cat web/node_modules/.hatif-stamp 2>/dev/null)" != "$installed" ]; then
    printf 'Bringing the packages of the web pages ...\n'
    # `npm ci` wants every optional package of every platform in the lock, and some registries do not have them all.
    # What is installed is checked against the lock's hashes either way.
    (cd web && { npm ci --no-audit --no-fund --loglevel=silent ||
        npm install --no-save --no-audit --no-fund --loglevel=error; })
    printf '%s\n' "$installed" >web/node_modules/.hatif-stamp
fi

cd web
if [ "${1:-build}" = check ]; then
    npm run --silent typecheck
    npm run --silent lint
else
    printf 'Building the web pages ...\n'
    npm run --silent build
    printf '%s\n' "$built" >dist/.hatif-stamp
fi
