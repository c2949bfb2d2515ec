#!/bin/bash
# RabbitMQ for tests: one node or a cluster, with an epmd of its own, in a folder, on free loopback ports.
#   rabbitmq.sh start DIR [NODES]   makes what is missing, starts all nodes, prints their addresses, comma-separated
#   rabbitmq.sh stop DIR            stops everything, epmd too
#   rabbitmq.sh start-node DIR N    starts one that was stopped, with what it has on its disk
#   rabbitmq.sh stop-node DIR N     stops one in order
#   rabbitmq.sh kill-node DIR N     kill -9
#   rabbitmq.sh wipe-node DIR N     forgets all that a stopped one had on its disk
#   rabbitmq.sh ctl DIR N WORD…     rabbitmqctl, on that node
# A node listens with TLS too: its address is in DIR/nodeN/tls-address, the authority to trust in DIR/ca.pem.
set -euo pipefail

fail() { echo "rabbitmq.sh: $*" >&2; exit 1; }
[ $# -ge 2 ] || fail "usage: rabbitmq.sh start|stop|start-node|stop-node|kill-node|wipe-node|ctl DIR [N] [WORD…]"
verb=$1
case $2 in /*) dir=$2 ;; *) dir=$PWD/$2 ;; esac
shift 2

bin=/usr/lib/rabbitmq/bin
[ -x "$bin/rabbitmq-server" ] || fail "no RabbitMQ found; install the package rabbitmq-server"

free_ports() {
    python3 - "$1" <<'PYTHON'
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for each in sockets: each.bind(("127.0.0.1", 0))
print(*(each.getsockname()[1] for each in sockets))
PYTHON
}

# alive FILE WORD: whether the process that the file names runs, and is what it was: has WORD in its environment.
alive() {
    local pid
    pid=$(cat "$1") && [ -n "$pid" ] && tr '\0' '\n' <"/proc/$pid/environ" | grep -qxF -- "$2"
} 2>/dev/null
node_alive() { alive "$dir/node$1/pid" "RABBITMQ_MNESIA_BASE=$dir/node$1/mnesia"; }
epmd_alive() { alive "$dir/epmd.pid" "POPUG_EPMD=$dir"; }

certificates() {
    [ -f "$dir/ca.pem" ] && return
    local key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
    openssl req -x509 "${key[@]}" -keyout "$dir/ca.key" -out "$dir/ca.pem" -days 30 -subj "/CN=popug test authority"
    openssl req "${key[@]}" -keyout "$dir/server.key" -out "$dir/server.csr" -subj "/CN=localhost"
    openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -days 30 \
        -out "$dir/server.pem" -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1")
} 2>/dev/null

make_node() {
    local number=$1 count=$2 node=$dir/node$1
    [ -f "$node/ports" ] && return
    mkdir -p "$node"
    free_ports 3 >"$node/ports"
    echo '[].' >"$node/plugins"
    read -r port tls _ <"$node/ports"
    echo "amqp://guest:guest@127.0.0.1:$port" >"$node/address"
    echo "amqps://guest:guest@localhost:$tls" >"$node/tls-address"
    # Logged at `info` because the end of the start is told there.
    cat >"$node/rabbitmq.conf" <<CONF
listeners.tcp.1 = 127.0.0.1:$port
listeners.ssl.1 = 127.0.0.1:$tls
ssl_options.cacertfile = $dir/ca.pem
ssl_options.certfile = $dir/server.pem
ssl_options.keyfile = $dir/server.key
ssl_options.verify = verify_none
log.file.level = info
log.console = false
disk_free_limit.absolute = 50MB
CONF
    [ "$count" -gt 1 ] || return 0
    {
        echo "cluster_formation.peer_discovery_backend = classic_config"
        echo "cluster_formation.randomized_startup_delay_range.min = 0"
        echo "cluster_formation.randomized_startup_delay_range.max = 2"
        for each in $(seq 1 "$count"); do
            echo "cluster_formation.classic_config.nodes.$each = popug$each@localhost"
        done
    } >>"$node/rabbitmq.conf"
}

# Becomes a node or one of its tools, told about itself.
become() {
    local number=$1 node=$dir/node$1 port tls distribution
    shift
    read -r port tls distribution <"$node/ports"
    exec env -u RABBITMQ_NODE_PORT HOME="$dir" RABBITMQ_NODENAME="popug$number@localhost" \
        RABBITMQ_DIST_PORT="$distribution" RABBITMQ_MNESIA_BASE="$node/mnesia" RABBITMQ_LOG_BASE="$node/log" \
        RABBITMQ_CONFIG_FILE="$node/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$node/plugins" \
        RABBITMQ_CONF_ENV_FILE=/dev/null ERL_EPMD_PORT="$(cat "$dir/epmd.port")" ERL_EPMD_ADDRESS=127.0.0.1 \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+sbwt none +sbwtdcpu none +sbwtdio none" \
        RABBITMQ_CTL_ERL_ARGS="+sbwt none" ERL_CRASH_DUMP="$node/erl_crash.dump" "$@"
}

. "$(dirname "${BASH_SOURCE[0]}")/aside.sh"

# Returns when it listens: a node that finds none starts one of its own, which nobody ends.
start_epmd() {
    epmd_alive && return
    local port
    for _ in 1 2 3 4 5; do
        port=$(free_ports 1)
        echo "$port" >"$dir/epmd.port"
        {
            let_go
            POPUG_EPMD=$dir exec setsid epmd -address 127.0.0.1 -port "$port"
        } >/dev/null 2>&1 </dev/null &
        echo $! >"$dir/epmd.pid"
        for _ in $(seq 1 100); do
            # Gone already: somebody else took the port in between.
            kill -0 $! 2>/dev/null || break
            if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return; fi
            sleep 0.1
        done
    done
    fail "epmd did not start"
}

begin_node() {
    local node=$dir/node$1
    node_alive "$1" && return
    [ -d "$node/log" ] && rm -rf "$node/log"
    # As under systemd the script becomes the server: its pid is the server's, and a signal goes there.
    {
        let_go
        RUNNING_UNDER_SYSTEMD=true become "$1" setsid "$bin/rabbitmq-server"
    } >"$node/out" 2>&1 </dev/null &
    echo $! >"$node/pid"
}

await_node() {
    local node=$dir/node$1
    for _ in $(seq 1 600); do
        grep -qs "Server startup complete" "$node"/log/*.log && return
        kill -0 "$(cat "$node/pid")" 2>/dev/null || break
        sleep 0.1
    done
    tail -n 20 "$node/out" >&2 || true
    fail "node $1 did not start"
}

end_node() {
    node_alive "$1" || return 0
    local pid
    pid=$(cat "$dir/node$1/pid")
    kill "-$2" "$pid" 2>/dev/null || return 0
    for _ in $(seq 1 300); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
}

nodes() {
    for node in "$dir"/node*; do
        [ -d "$node" ] && echo "${node##*/node}"
    done
}

start() {
    local count=${1:-1}
    mkdir -p "$dir"
    if [ ! -f "$dir/.erlang.cookie" ]; then
        head -c 15 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$dir/.erlang.cookie"
        chmod 400 "$dir/.erlang.cookie"
    fi
    certificates || fail "no certificates could be made; install the package openssl"
    start_epmd
    for number in $(seq 1 "$count"); do make_node "$number" "$count"; done
    # New nodes join the first one; side by side each might find nobody and stay alone.
    if [ "$count" -gt 1 ] && [ ! -d "$dir/node1/mnesia" ]; then begin_node 1 && await_node 1; fi
    for number in $(nodes); do begin_node "$number"; done
    for number in $(nodes); do await_node "$number"; done
    cat "$dir"/node*/address | paste -sd,
}

stop() {
    for number in $(nodes); do end_node "$number" TERM & done
    wait
    if epmd_alive; then kill "$(cat "$dir/epmd.pid")" 2>/dev/null || true; fi
}

case $verb in
    start) start "$@" ;;
    stop) stop ;;
    start-node) begin_node "$1" && await_node "$1" ;;
    stop-node) end_node "$1" TERM ;;
    kill-node) end_node "$1" KILL ;;
    wipe-node)
        node_alive "$1" && fail "node $1 is running"
        rm -rf "$dir/node$1/mnesia"
        ;;
    ctl) number=$1 && shift && become "$number" "$bin/rabbitmqctl" --quiet "$@" ;;
    *) fail "there is no verb $verb" ;;
esac
