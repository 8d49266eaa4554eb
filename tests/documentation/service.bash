# What the commands of a page mean in a test. They are run as printed, except that what serves in the foreground, until
# somebody ends it, goes to the background, on a port of the test's own.
# shellcheck shell=bash

service=
watcher=

stop() {
  if [[ $1 ]] && kill "$1"; then wait "$1" || true; fi
}
trap 'stop "$watcher"; stop "$service"' EXIT

serve() {
  stop "$service"
  : >"$WORKPLACE/service.log"
  # The environment is the one that runs the tests, which no page may change.
  command make --assume-old=.venv/local run >>"$WORKPLACE/service.log" 2>&1 &
  service=$!
  until grep --quiet 'is ready' "$WORKPLACE/service.log"; do
    kill -0 "$service" || { cat "$WORKPLACE/service.log"; return 1; }
    sleep 0.1
  done
}

# A page that calls the service without a word about starting it takes for granted that it runs.
before_block() {
  [[ $service || $1 != *localhost:1337* || $1 == *make\ run* ]] || serve
}

make() {
  case $* in
    run) serve ;;
    test) ;; # is what runs this
    .venv/local) command make --assume-old=.venv/local .venv/local ;;
    *) echo "tests/documentation/service.bash does not say what 'make $*' is in a test" >&2; return 1 ;;
  esac
}

curl() {
  command curl --silent --show-error --fail-with-body "${@//localhost:1337/localhost:$SENTIGRADE_PORT}"
}

.venv/bin/sentigrade() {
  command .venv/bin/sentigrade "${@//localhost:1337/localhost:$SENTIGRADE_PORT}"
}

# Returns when it has asked the service for its metrics.
prometheus() {
  command prometheus "$@" >"$WORKPLACE/prometheus.log" 2>&1 &
  watcher=$!
  until command curl --silent 'localhost:9090/api/v1/query?query=sentigrade_workers' | grep --quiet instance; do
    kill -0 "$watcher" || { cat "$WORKPLACE/prometheus.log"; return 1; }
    sleep 0.5
  done
}
