#!/usr/bin/env bash
# test.sh all|check: builds once (release), then runs the suites. `check` leaves out those that start real servers.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-all}
started=$SECONDS

at=
step() {
  at=$1
  printf '\n== %s (at %d min %02d s)\n' "$1" $(((SECONDS - started) / 60)) $(((SECONDS - started) % 60))
}

step "Format"
swift format lint --strict --recursive --parallel Sources Tests Package.swift

step "Build"
swift build -c release --build-tests
export POPUG_BINARY="$PWD/.build/release/popug"
export POPUG_ROOT="$PWD"

# suites OPTION…: runs what was built, and says last what failed: everything on a terminal, elsewhere a line a suite, so
# that a record of the run can be read. Not by `swift test`, of which only one may run at a time in a checkout.
suites() {
  local log
  log=$(mktemp "$folder/suites.XXXXXX")
  [ -t 1 ] || export NO_COLOR=1
  if .build/release/popugPackageTests.xctest --testing-library swift-testing "$@" 2>&1 | tee "$log" | shown; then
    return
  fi
  printf '\n== What failed, of: %s\n' "$*"
  grep -A3 -E 'recorded an issue|^.{1,20} Test .* failed' "$log" | tail -n 60 ||
    { printf 'It ended without a word. Its last lines:\n'; tail -n 20 "$log"; }
  return 1
}

# shown: of what comes in, what a reader of this output wants.
shown() {
  if [ -t 1 ]; then cat; else grep --line-buffered -E '^.{1,3} (Suite .* (passed|failed)|Test run with)|recorded an issue|^(Sweep|Cluster): ' || true; fi
}

folder=$(mktemp -d)
# The PostgreSQL server runs as a user of its own and has to reach its folder in this one.
chmod 711 "$folder"
brokers=
finish() {
  local status=$?
  [ $status = 0 ] || printf '\n== Failed in the step: %s\n' "$at"
  if [ -n "$brokers" ]; then kill "$brokers" 2>/dev/null || true; fi
  for server in "$folder"/postgres*; do scripts/postgres.sh stop "$server" >/dev/null 2>&1 || true; done
  for broker in "$folder"/rabbitmq/* "$folder"/brokers/*; do scripts/rabbitmq.sh stop "$broker" >/dev/null 2>&1 || true; done
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
.venv/bin/python scripts/contracts.py contracts
.venv/bin/python -m openapi_spec_validator contracts/openapi.json

step "Fast suites"
suites --skip ServerTests --skip GatewayTests --skip SimulationTests --skip ClusterTests --skip RabbitMQTests

# What waits for servers most of the time runs beside what computes; its output is shown when it is over.
with_brokers() {
  scripts/rabbitmq.sh start "$folder/rabbitmq/one" >/dev/null &
  local one=$!
  scripts/rabbitmq.sh start "$folder/rabbitmq/three" 3 >/dev/null
  wait $one
  export POPUG_TEST_RABBITMQ="$folder/rabbitmq"
  suites --no-parallel --filter RabbitMQTests
  scripts/rabbitmq.sh stop "$folder/rabbitmq/one"
  scripts/rabbitmq.sh stop "$folder/rabbitmq/three"
  # Fresh ones, without what those tests have left on them.
  export POPUG_TEST_RABBITMQ="$folder/brokers"
  scripts/rabbitmq.sh start "$folder/brokers/three" 3 >/dev/null
  suites --no-parallel --filter ClusterTests
}

if [ "$what" = all ]; then
  (set -e; with_brokers) >"$folder/brokers.log" 2>&1 &
  brokers=$!

  step "The simulator: a crash at every place of short runs"
  suites --filter SimulationTests.SweepTests

  # Always the same seeds, so that nothing fails by chance; new ones are what `make simulate` is for.
  step "The simulator: its own tests, and some hundred seeds"
  suites --filter SimulationTests --skip SimulationTests.SweepTests
  "$POPUG_BINARY" simulate --seed 1 --seeds 240

  step "RabbitMQ, one node and three: killed, emptied, short of memory; many processes: kills, stops and outages"
  wait $brokers || { cat "$folder/brokers.log"; exit 1; }
  cat "$folder/brokers.log"

  step "Real servers: crashes, kills, hostile input, real input"
  suites --no-parallel --filter ServerTests

  step "The gateway, nginx in its place, and the compose file"
  suites --filter GatewayTests
  python3 -B scripts/nginx.py
  .venv/bin/python -B scripts/deploy.py

  step "The pages, in a browser"
  scripts/browser.sh

  step "The API, fuzzed from its own document"
  scripts/fuzz.sh
fi
step "Done"
