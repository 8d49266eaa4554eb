#!/usr/bin/env bash
# What the commands of a page mean in `make test-compose`: they are run as printed, except that the ports and the names
# that would be the whole machine's are this test's own, and that what serves in the foreground does so in the background.

trap 'jobs -p | xargs --no-run-if-empty kill; wait' EXIT

# Where docker says how far it is, which is no output of a command.
exec 3>&2

before_block() { :; }

# The tests are root.
sudo() { "$@"; }

curl() {
  local words=("${@/localhost:1337/localhost:$SENTIGRADE_PORT}")
  command curl --silent --show-error --fail "${words[@]/localhost:8080/localhost:$SENTIGRADE_PORT}"
}

docker() {
  local word words=()
  for word; do
    case $word in
    sentigrade | reviews | models:*) words+=("$COMPOSE_PROJECT_NAME-$word") ;;
    8080:8080) words+=("$SENTIGRADE_PORT:8080") ;;
    *) words+=("$word") ;;
    esac
  done
  case "$* " in
  *" --detach "*) command docker "${words[@]}" 2>&3 ;;
  "compose up "* | *" serve ") serve "${words[@]}" >&3 ;;
  *) command docker "${words[@]}" 2>&3 ;;
  esac
}

serve() {
  command docker "$@" 2>&1 &
  until curl --output /dev/null localhost:1337/health/ready 2>/dev/null; do
    kill -0 $!
    sleep 0.2
  done
}
