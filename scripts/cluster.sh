#!/usr/bin/env bash
# The whole exchange in many processes on this machine: PostgreSQL, RabbitMQ, the services, a gateway.
#   cluster.sh [DIR]    serves until Ctrl-C, then ends everything in order; what is in DIR (.popug-cluster) is kept
# popug has to be built: `make cluster` does both.
set -euo pipefail
cd "$(dirname "$0")/.."
popug=${POPUG_BINARY:-$PWD/.build/release/popug}
dir=${1:-$PWD/.popug-cluster}
port=${PORT:-8080}
mkdir -p "$dir/logs"
# The servers run as users of their own and have to reach their folders in this one.
chmod 711 "$dir"

pids=()
finish() {
  trap - EXIT INT TERM
  echo
  echo "Ending: the gateway first, then the services, then the servers."
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    kill -TERM "${pids[i]}" 2>/dev/null || true
    wait "${pids[i]}" 2>/dev/null || true
  done
  scripts/rabbitmq.sh stop "$dir/rabbitmq" || true
  scripts/postgres.sh stop "$dir/postgres" || true
}
trap finish EXIT
trap 'exit 0' INT TERM

echo "PostgreSQL and RabbitMQ …"
database="$(scripts/postgres.sh start "$dir/postgres") dbname=popug_{service}"
database=${database/dbname=postgres /}
scripts/rabbitmq.sh start "$dir/rabbitmq" >/dev/null
# As between machines: over TLS.
log=$(cat "$dir/rabbitmq/node1/tls-address")
export POPUG_DATABASE=$database POPUG_LOG=$log POPUG_LOG_AUTHORITIES=$dir/rabbitmq/ca.pem POPUG_PUBLIC_ADDRESS=http://localhost:$port
export POPUG_LOG_LEVEL=${POPUG_LOG_LEVEL:-warning}

data="$dir/data"
if [ ! -e "$data/popug.json" ]; then
  password=$(head -c 9 /dev/urandom | base64 | tr '+/' '-_')
  (umask 077 && echo "$password" >"$dir/admin-password")
  "$popug" init --data "$data" --company "Popug Inc." --create \
    --admin-name "Ada Admin" --admin-email ada@popug.example --admin-password-file "$dir/admin-password" \
    </dev/null >/dev/null
fi
"$popug" migrate --data "$data"

# start NAME SERVICES PORT: one process.
start() {
  local out="$dir/logs/$1.log"
  : >"$out"
  # A session of its own: Ctrl-C in the terminal is for this script, which then ends all in order.
  setsid "$popug" serve --data "$data" --services "$2" --listen "127.0.0.1:$3" >>"$out" 2>&1 </dev/null &
  pids+=($!)
  for _ in $(seq 1 600); do
    local address
    address=$(sed -n 's/^Ready on //p' "$out" | head -1)
    if [ -n "$address" ]; then
      printf '%-14s %s\n' "$1" "$address"
      return
    fi
    kill -0 "${pids[-1]}" 2>/dev/null || break
    sleep 0.1
  done
  cat "$out" >&2
  exit 1
}

# Ports are chosen first, of those that the system lends to no outgoing connection: services ask each other, so that
# each has to know where all are.
mapfile -t names < <("$popug" deployment processes | cut -d' ' -f1)
mapfile -t services < <("$popug" deployment processes | cut -d' ' -f2)
mapfile -t ports < <(python3 - "${#names[@]}" <<'EOF'
import random, socket, sys
held = []
while len(held) < int(sys.argv[1]):
    one = socket.socket()
    try:
        one.bind(("127.0.0.1", random.randrange(10000, 32000)))
    except OSError:
        continue
    held.append(one)
print(*(one.getsockname()[1] for one in held), sep="\n")
EOF
)
POPUG_UPSTREAMS=
last=
for index in "${!names[@]}"; do
  service=${services[index]}
  separator=";$service="
  if [ "$service" = "$last" ]; then separator=,; fi
  POPUG_UPSTREAMS+="${separator}http://127.0.0.1:${ports[index]}"
  last=$service
done
export POPUG_UPSTREAMS
for index in "${!names[@]}"; do start "${names[index]}" "${services[index]}" "${ports[index]}"; done

setsid "$popug" gateway run --data "$data" --listen "127.0.0.1:$port" \
  >"$dir/logs/gateway.log" 2>&1 </dev/null &
pids+=($!)
echo "gateway        http://localhost:$port"
echo "Sign in as ada@popug.example with the password in $dir/admin-password. Ctrl-C ends everything."
echo "Check it with: POPUG_DATABASE='$database' POPUG_LOG='$log' POPUG_LOG_AUTHORITIES='$POPUG_LOG_AUTHORITIES' popug verify --data $data"
wait "${pids[@]}"
