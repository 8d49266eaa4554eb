#!/bin/sh
# Starts one role of the image: entrypoint ROLE [ARGUMENTS...]
set -eu

# Without CAP_SETGID and CAP_SETUID (bits 6 and 7) even root must stay who it is.
may_change_user() {
    capabilities=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
    [ $((0x$capabilities >> 6 & 3)) -eq 3 ]
}

# Folders that a job writes to, made and given away while that is possible; what it cannot write to it says itself.
writes_to=

role=${1:-}
[ $# -eq 0 ] || shift
case $role in
# gunicorn alone, for an nginx in another container.
web) set -- serve "$@" ;;
# Everything on one port, for SageMaker and for `docker run`.
serve) set -- sagemaker serve "$@" ;;
train)
    if [ $# -gt 0 ]; then
        set -- train "$@"
    else
        set -- sagemaker train
        writes_to="/opt/ml/model /opt/ml/output"
    fi
    ;;
process)
    set -- sagemaker process "$@"
    writes_to="/opt/ml/processing/output /opt/ml/output"
    ;;
batch)
    set -- batch "$@"
    # A fresh volume of Fargate is root's.
    writes_to="${SENTIGRADE_CACHE:-} ${SENTIGRADE_SPOOL:-}"
    ;;
predict | key | publish | adopt | list | show | promote | rollback | verify | fetch | prune) set -- "$role" "$@" ;;
*)
    echo "sentigrade: '$role' is not a role of this image:" \
        "use serve, web, train, process, batch, predict, key or a command of the store" >&2
    exit 64
    ;;
esac

if [ "$(id -u)" -eq 0 ] && may_change_user; then
    for folder in $writes_to; do
        mkdir -p "$folder" && chown 10001:10001 "$folder" || true
    done
    exec setpriv --reuid=10001 --regid=10001 --clear-groups --inh-caps=-all --no-new-privs sentigrade "$@"
fi
exec sentigrade "$@"
