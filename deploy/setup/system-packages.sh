#!/bin/sh
# Installs the system packages that the tests need, where it may; otherwise says which are missing.
set -eu

missing=
need() { # need PACKAGE COMMAND...: any of the commands will do
    package=$1
    shift
    for command in "$@"; do
        if command -v "$command" >/dev/null 2>&1; then
            return 0
        fi
    done
    missing="$missing $package"
}

need chromium chromium chromium-browser google-chrome
# A media worker is cut off in a network of its own.
need iproute2 ip
# A phone that nobody here wrote calls the SIP endpoint.
need baresip-core baresip
need sip-tester sipp
# The edge in front of it, with deploy/telephony/kamailio. As root: it lives in /usr/sbin.
need kamailio kamailio /usr/sbin/kamailio
# Its TLS, which is a library.
if ! ls /usr/lib/*/kamailio/modules/tls.so >/dev/null 2>&1; then
    missing="$missing kamailio-tls-modules"
fi
# Arabic needs glyphs in the screenshots.
if ! fc-list :lang=ar 2>/dev/null | grep -q .; then
    missing="$missing fontconfig fonts-noto-core"
fi
[ -n "$missing" ] || exit 0

if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        as_root=no
    fi
    if [ "$as_root" != no ]; then
        printf 'Installing for the tests:%s\n' "$missing"
        export DEBIAN_FRONTEND=noninteractive
        # The tests start their own; a service of the machine would take the port of phone calls.
        if [ -d /run/systemd/system ]; then
            case $missing in *kamailio*) $as_root systemctl mask kamailio >/dev/null 2>&1 || true ;; esac
        fi
        $as_root apt-get -qq update
        # shellcheck disable=SC2086  # a list of words
        $as_root apt-get -qq install -y --no-install-recommends $missing >/dev/null
        exit 0
    fi
fi
printf 'hatif: the tests need system packages that cannot be installed from here:%s.\n' "$missing" >&2
printf 'hatif: as an administrator, on Debian or Ubuntu: apt-get install%s\n' "$missing" >&2
exit 78
