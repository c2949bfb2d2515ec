#!/bin/bash
# A PostgreSQL server for tests, in a folder of its own.
#   postgres.sh start DIR        makes the cluster if there is none, starts it, prints its connection string; again on
#                                its former port, if nobody else has that
#   postgres.sh standby DIR OF   makes a copy of the running server in OF, which follows it and can be read, and starts it
#   postgres.sh copy DIR OF      makes a copy of what the running server in OF holds now, which goes its own way
#   postgres.sh stop DIR         stops it
# Works as root (the server then runs as the user postgres, for it refuses root) and as anybody else.
set -euo pipefail

fail() { echo "postgres.sh: $*" >&2; exit 1; }
[ $# -ge 2 ] || fail "usage: postgres.sh start|stop DIR, standby|copy DIR OF"
verb=$1
case $2 in /*) dir=$2 ;; *) dir=$PWD/$2 ;; esac
case ${3:-} in /* | "") of=${3:-} ;; *) of=$PWD/$3 ;; esac
data=$dir/data

# The newest version that is installed.
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb || true)")
[ -x "$bin/initdb" ] || fail "no PostgreSQL server found; install the package postgresql"

as_server=()
if [ "$(id -u)" = 0 ]; then
    id postgres >/dev/null 2>&1 || fail "there is no user postgres to run the server as"
    as_server=(setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/tmp)
fi
as() { "${as_server[@]}" "$@"; }
# postmaster.pid is the server's own word: pid, folder, start, port, socket folder, address, …
running() { [ -s "$data/postmaster.pid" ] && kill -0 "$(head -1 "$data/postmaster.pid")" 2>/dev/null; }
address() {
    echo "host=127.0.0.1 port=$(sed -n 4p "$data/postmaster.pid") user=postgres dbname=postgres"
}
ready() {
    running && [ "$(sed -n 8p "$data/postmaster.pid" | tr -d ' ')" = ready ]
}

. "$(dirname "${BASH_SOURCE[0]}")/aside.sh"

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' 2>/dev/null && return
    # Without python: any port where nobody answers.
    while :; do
        port=$((20000 + RANDOM % 20000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
}

make_folder() {
    mkdir -p "$dir"
    [ "$(id -u)" = 0 ] && chown postgres:postgres "$dir"
    as test -x "$dir" || fail "the server's user cannot enter $dir; choose a folder that it can reach"
}

make_cluster() {
    make_folder
    [ -f "$data/PG_VERSION" ] && return
    as "$bin/initdb" -D "$data" --username=postgres --auth=trust --locale=C --encoding=UTF8 --no-sync \
        >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; fail "initdb failed"; }
    # Nothing here has to survive a power cut, so nothing waits for the disk.
    cat >>"$data/postgresql.conf" <<'CONF'
fsync = off
full_page_writes = off
max_connections = 200
shared_buffers = 64MB
listen_addresses = '127.0.0.1'
unix_socket_permissions = 0700
log_min_messages = fatal
deadlock_timeout = 100ms
CONF
}

# copied OPTION…: by the way in which the documents tell to back up.
copied() {
    make_folder
    [ -f "$data/PG_VERSION" ] && return
    as "$bin/pg_basebackup" -h 127.0.0.1 -p "$(sed -n 4p "$of/data/postmaster.pid")" -U postgres -D "$data" \
        --wal-method=stream --checkpoint=fast --no-sync "$@" >&2 || fail "the server in $of could not be copied"
}

start() {
    if ready; then address; return; fi
    # A socket's path may be 107 bytes long and no more, so a deep folder does without one.
    socket=$dir
    [ ${#dir} -gt 80 ] && socket=
    port=$(cat "$dir/port" 2>/dev/null || free_port)
    for _ in 1 2 3 4 5; do
        echo "$port" >"$dir/port"
        # Its own session: Ctrl-C in the terminal is for the tests, which then stop it in order.
        {
            let_go
            as setsid "$bin/postgres" -D "$data" -p "$port" -k "$socket"
        } >>"$dir/server.log" 2>&1 </dev/null &
        for _ in $(seq 1 300); do
            if ready; then address; return; fi
            # Gone already: somebody else took the port in between.
            kill -0 $! 2>/dev/null || break
            sleep 0.1
        done
        port=$(free_port)
    done
    tail -20 "$dir/server.log" >&2
    fail "the server did not start"
}

stop() {
    running || return 0
    pid=$(head -1 "$data/postmaster.pid")
    # Fast shutdown: sessions are ended, the cluster is closed in order.
    kill -INT "$pid" 2>/dev/null || return 0
    for _ in $(seq 1 100); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -QUIT "$pid" 2>/dev/null || true
}

# The server's user may not be allowed to stand in the caller's folder.
cd /
case $verb in
    start) make_cluster; start ;;
    standby) copied --write-recovery-conf; start ;;
    copy) copied; start ;;
    stop) stop ;;
    *) fail "there is no verb $verb" ;;
esac
