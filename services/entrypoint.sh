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

# Where secrets come as variables alone: what a file of API keys holds, which everybody may read (api_keys.py).
if [ -n "${API_KEYS:-}" ]; then
    SENTIGRADE_API_KEYS=$(mktemp)
    printf '%s\n' "$API_KEYS" >"$SENTIGRADE_API_KEYS"
    chmod a+r "$SENTIGRADE_API_KEYS"
    export SENTIGRADE_API_KEYS
fi
unset API_KEYS

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
# Asked by Lambda, which lets nobody write but to /tmp.
lambda)
    set -- "${0%/bin/*}"/lib/python3*/site-packages/awslambdaric
    if [ ! -d "$1" ]; then
        echo "sentigrade: this image cannot run as a function: build it with --build-arg EXTRAS=lambda" >&2
        exit 64
    fi
    export SENTIGRADE_CACHE=/tmp/sentigrade/models SENTIGRADE_SPOOL=/tmp
    exec python -m awslambdaric sentigrade.aws.handler.handler
    ;;
predict | key | publish | adopt | list | show | promote | rollback | verify | fetch | prune) set -- "$role" "$@" ;;
*)
    echo "sentigrade: '$role' is not a role of this image:" \
        "use serve, web, train, process, batch, lambda, predict, key or a command of the store" >&2
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
