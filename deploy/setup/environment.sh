#!/bin/sh
# Brings uv into .tools and makes .venv from requirements.lock. Does nothing when nothing changed.
set -eu
cd "$(dirname "$0")/../.."

say() { printf '%s\n' "$*"; }
refuse() { printf 'hatif: %s\n' "$*" >&2; exit 78; }

# ---- is this a machine that Hatif runs on?

[ "$(uname -s)" = Linux ] || refuse "Hatif runs on Linux; this is $(uname -s). Use a Linux machine or a Linux container."
[ "$(uname -m)" = x86_64 ] || refuse "Hatif runs on x86-64; this machine is $(uname -m)."

fits='
import platform, sys, sysconfig
ok = sys.implementation.name == "cpython" and (3, 11) <= sys.version_info[:2] <= (3, 13)
ok = ok and not sysconfig.get_config_var("Py_GIL_DISABLED") and platform.libc_ver()[0] == "glibc"
sys.exit(0 if ok else 1)'
python=
for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c "$fits" 2>/dev/null; then
        python=$(command -v "$candidate")
        break
    fi
done
[ -n "$python" ] || refuse "Hatif needs CPython 3.11, 3.12 or 3.13 on a glibc Linux; none was found as python3 or python3.N. Install one, or name it: make PYTHON=/path/to/python3."

# ---- has anything changed since the last time?

stamp=.venv/.hatif-stamp
want=$({ cat requirements.lock pyproject.toml "$0"; pwd; } | sha256sum | cut -d' ' -f1)
if [ -x .venv/bin/hatif ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then
    exit 0
fi

# ---- uv: into a folder of its own, which works where a plain install is refused

. deploy/setup/certificates.sh
export UV_PYTHON_DOWNLOADS=never PIP_ROOT_USER_ACTION=ignore
quiet=--quiet
if [ -t 2 ]; then quiet=; fi
uv=.tools/bin/uv
if ! "$uv" --version >/dev/null 2>&1; then
    "$python" -m pip --version >/dev/null 2>&1 ||
        refuse "pip is missing for $python. Install it (on Debian and Ubuntu: apt install python3-pip), then try again."
    say "Bringing uv ..."
    "$python" -m pip install --quiet --disable-pip-version-check --no-input --upgrade --target .tools uv ||
        refuse "pip could not bring uv. The lines above say why; check the network or pip's index settings."
fi

# A site with its own package index has told pip about it; uv does not read pip's settings.
if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}${UV_INDEX:-}" ]; then
    index=$("$python" -m pip config get global.index-url 2>/dev/null || true)
    [ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
fi

say "Making the Python environment ..."
if ! .venv/bin/python -c "$fits" 2>/dev/null; then
    "$uv" venv --quiet --clear --python "$python" .venv
fi
# shellcheck disable=SC2086  # empty on a terminal, where uv shows its progress
"$uv" pip sync $quiet --python .venv --require-hashes requirements.lock ||
    refuse "the packages of requirements.lock could not be installed. The lines above say why; check the network or the index settings."
"$uv" pip install --quiet --python .venv --no-deps --no-build-isolation --editable .
printf '%s\n' "$want" >"$stamp"
say "The Python environment is ready."
