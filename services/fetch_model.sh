#!/bin/sh
# Puts the model REFERENCE in place of the models in STORE, at image build: fetch_model REFERENCE STORE
set -eu

case $1 in
"") exit ;;
*"#sha256:"*) ;;
*)
    echo "sentigrade: '$1' names no digest: set SENTIGRADE_BUILD_MODEL to NAME@VERSION#sha256:DIGEST" >&2
    exit 64
    ;;
esac

# Empty build arguments are not settings.
[ -n "${AWS_DEFAULT_REGION:-}" ] || unset AWS_DEFAULT_REGION
[ -n "${AWS_ENDPOINT_URL_S3:-}" ] || unset AWS_ENDPOINT_URL_S3
export AWS_SHARED_CREDENTIALS_FILE=/run/secrets/aws_credentials
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
rm -rf "$2"
SENTIGRADE_CACHE=$cache /opt/sentigrade/bin/sentigrade fetch "$1" --into "$2"
