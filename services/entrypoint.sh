#!/bin/sh
# Starts one role of the image: entrypoint ROLE [ARGUMENTS...]
set -eu

# Without CAP_SETGID and CAP_SETUID (bits 6 and 7) even root must stay who it is.
may_change_user() {
    capabilities=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
    [ $((0x$capabilities >> 6 & 3)) -eq 3 ]
}

case ${1:-} in
serve | train | predict) ;;
publish | adopt | list | show | promote | rollback | verify | fetch | prune) ;;
*)
    echo "sentigrade: '${1:-}' is not a role of this image: use serve, train, predict or a command of the store" >&2
    exit 64
    ;;
esac

if [ "$(id -u)" -eq 0 ] && may_change_user; then
    exec setpriv --reuid=10001 --regid=10001 --clear-groups --inh-caps=-all --no-new-privs sentigrade "$@"
fi
exec sentigrade "$@"
