#!/usr/bin/env bash
# test.sh all|check: builds once (release), then runs the suites. `check` runs only the fast ones.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-all}
started=$SECONDS
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# The PostgreSQL server runs as a user of its own and has to reach its folder in this one.
chmod 711 "$folder"
# By this watch.sh knows the processes of this run.
export POPUG_TEST_RUN="$folder"
# Only fast suites, whatever the caller has chosen; lane names others.
export POPUG_TEST_LANES=
. scripts/watch.sh

# step NAME: what begins now. How long each took is said at the end.
at=
began=$SECONDS
step() {
  took
  at=$1
  began=$SECONDS
  printf '\n== %s (at %d min %02d s)\n' "$1" $(((SECONDS - started) / 60)) $(((SECONDS - started) % 60))
}

took() {
  [ -z "$at" ] || printf '%4d min %02d s  %s\n' $(((SECONDS - began) / 60)) $(((SECONDS - began) % 60)) "$at" >>"$folder/minutes"
}

step "Format"
swift format lint --strict --recursive --parallel Sources Tests Package.swift

step "Build"
swift build -c release --build-tests
export POPUG_BINARY="$PWD/.build/release/popug"
export POPUG_ROOT="$PWD"

# suites MINUTES OPTION…: runs what was built, and says last what failed: everything on a terminal, elsewhere a line a
# suite, so that a record of the run can be read. What takes longer than MINUTES hangs: it is ended, and named. Not by
# `swift test`, of which only one may run at a time in a checkout.
suites() {
  local log status=0 minutes=$1
  shift
  log=$(mktemp "$folder/suites.XXXXXX")
  [ -t 1 ] || export NO_COLOR=1
  { sleep $((minutes * 60 - 10)) && standing; } >"$log.standing" 2>/dev/null </dev/null &
  local watch=$!
  # Into a file: a pipe would end only with the last process that the tests have started.
  within "$minutes" .build/release/popugPackageTests.xctest --testing-library swift-testing "$@" >"$log" 2>&1 &
  local tests=$!
  tail -n +1 -f --pid="$tests" "$log" | shown
  wait "$tests" || status=$?
  kill "$watch" 2>/dev/null || true
  [ $status != 0 ] || return 0
  printf '\n== What failed (%s), of: %s\n' $status "$*"
  grep -A3 -E 'recorded an issue|^.{1,20} Test .* failed' "$log" | tail -n 60 ||
    { printf 'It ended without a word. Its last lines:\n'; tail -n 20 "$log"; }
  # Ended in order, or by force.
  if [ $status = 124 ] || [ $status = 137 ]; then
    printf '== It took longer than %s minutes. Under way were:\n' "$minutes"
    unended "$log"
    printf '== What ran, and in which calls its threads stood:\n'
    cat "$log.standing"
    return 124
  fi
  return 1
}

# lane MINUTES TAG OPTION…: the suites with this tag, and no others. The testing library cannot choose by tags (Swift
# 6.3), only by names: they are taken from the sources.
lane() {
  local minutes=$1 tag=$2 names
  shift 2
  if ! names=$(tagged "$tag"); then
    printf 'No suite has the tag %s\n' "$tag"
    return 1
  fi
  POPUG_TEST_LANES=$tag suites "$minutes" --filter "$names" "$@"
}

# tagged TAG: a pattern for the tests of all suites with this tag. SuiteTests sees to it that they are written like this.
tagged() {
  grep -rPzo --include='*.swift' "(?m)^@Suite\([^{]*\.tags\(\.$1\)[^{]*\b(struct|class|actor|enum) \K\w+" Tests |
    tr '\0' '\n' | sed -E 's|^Tests/([^/]*)/[^:]*:(.*)|^\1\\.\2/|' | sort | paste -sd '|'
}

brokers=
finish() {
  local status=$?
  [ $status = 0 ] || printf '\n== Failed in the step: %s\n' "$at"
  if [ -n "$brokers" ]; then kill "$brokers" 2>/dev/null || true; fi
  for server in "$folder"/postgres*; do scripts/postgres.sh stop "$server" >/dev/null 2>&1 || true; done
  for broker in "$folder"/brokers/*/*; do scripts/rabbitmq.sh stop "$broker" >/dev/null 2>&1 || true; done
  # What a test that failed or was ended has left running.
  for each in $(ours); do kill -KILL "$each" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap finish EXIT

if [ "$what" = all ]; then
  step "PostgreSQL"
  POPUG_TEST_POSTGRES=$(scripts/postgres.sh start "$folder/postgres")
  export POPUG_TEST_POSTGRES
fi

step "Contracts"
accepted="$folder/accepted"
mkdir "$accepted"
# What landed last; a copy of the sources without their history has only its own files to go by.
git archive '@{upstream}' contracts 2>/dev/null | tar -x -C "$accepted" 2>/dev/null || true
"$POPUG_BINARY" contracts --check --against "$accepted/contracts"
"$POPUG_BINARY" deployment --check
.venv/bin/python scripts/contracts.py contracts
.venv/bin/python -m openapi_spec_validator contracts/openapi.json

step "Fast suites"
suites 25

# on_brokers MINUTES TAG: a lane on brokers of its own: three nodes, and one. What takes too long there is told and run
# once more, on new ones, for they stand on a machine that is busy; what has gone wrong is not.
on_brokers() {
  local attempt status
  for attempt in 1 2; do
    export POPUG_TEST_RABBITMQ="$folder/brokers/$2-$attempt"
    scripts/rabbitmq.sh start "$POPUG_TEST_RABBITMQ/one" >/dev/null &
    scripts/rabbitmq.sh start "$POPUG_TEST_RABBITMQ/three" 3 >/dev/null
    wait $!
    status=0
    lane "$1" "$2" --no-parallel || status=$?
    scripts/rabbitmq.sh stop "$POPUG_TEST_RABBITMQ/one"
    scripts/rabbitmq.sh stop "$POPUG_TEST_RABBITMQ/three"
    [ $status = 124 ] || return $status
  done
  return $status
}

# with_brokers: what waits for servers most of the time runs beside all else; its output is shown after that.
with_brokers() {
  step "Beside the others: RabbitMQ, one node and three: killed, emptied, short of memory"
  on_brokers 10 rabbitmq
  step "Beside the others: many processes: kills, stops and outages"
  on_brokers 20 cluster
  took
}

if [ "$what" = all ]; then
  (set -e; at=; with_brokers) >"$folder/brokers.log" 2>&1 &
  brokers=$!

  # Always the same runs, so that nothing fails by chance; new ones are what `make simulate` is for.
  step "The simulator: a crash at every kind of place, its own tests"
  lane 20 simulator
  step "The simulator: some hundred seeds"
  # Fails where a fault or a rare branch is never reached; how often each is, docs/simulator.md says how to see.
  within 15 "$POPUG_BINARY-dev" simulate --seed 1 --seeds 300 --marks | grep -v '^  '

  step "Real servers: crashes, kills, hostile input, real input"
  lane 20 servers --no-parallel

  step "The gateway, nginx in its place, and the compose file"
  lane 15 gateway
  within 5 python3 -B scripts/nginx.py
  within 5 python3 -B scripts/proxy.py
  within 5 .venv/bin/python -B scripts/deploy.py

  step "The pages, in a browser"
  within 25 scripts/browser.sh

  step "The API, fuzzed from its own document"
  within 15 scripts/fuzz.sh

  step "What ran beside"
  # As it comes, from its beginning: should it hang, a record of the run shows where.
  tail -n +1 -f --pid="$brokers" "$folder/brokers.log"
  wait "$brokers"
fi
step "Done"
sort -rn "$folder/minutes"
