#!/usr/bin/env bash
# Throws at every endpoint what its own OpenAPI document allows, and what it does not: no answer may be a 5xx.
set -euo pipefail
cd "$(dirname "$0")/.."
popug=${POPUG_BINARY:-.build/release/popug}
folder=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
  rm -rf "$folder"
}
trap finish EXIT

echo "correct horse battery" | "$popug" init --data "$folder/data" --company Fuzz --currency EUR --time-zone UTC \
  --closing-hour 0 --public-address http://localhost:8080 --admin-name Ada --admin-email ada@example.com \
  --admin-password-file - >/dev/null
"$popug" person add --data "$folder/data" --name Bo --email bo@example.com --roles employee,accountant >/dev/null
admin=$("$popug" person token ada@example.com --data "$folder/data" --name fuzz --scopes tasks,money,people,operations)
worker=$("$popug" person token bo@example.com --data "$folder/data" --name fuzz --scopes tasks,money,people,operations)

"$popug" serve --data "$folder/data" --listen 127.0.0.1:0 >"$folder/out" 2>"$folder/err" &
server=$!
for _ in $(seq 1 300); do
  address=$(sed -n 's/^Ready on //p' "$folder/out")
  [ -z "$address" ] || break
  kill -0 "$server" || { cat "$folder/err"; exit 1; }
  read -rt 0.1 <> <(:) || true
done

curl -sf "$address/api/openapi.json" >"$folder/openapi.json"
.venv/bin/python -m openapi_spec_validator "$folder/openapi.json"

for token in "$admin" "$worker"; do
  .venv/bin/schemathesis run "$address/api/openapi.json" --header "Authorization: Bearer $token" \
    --checks not_a_server_error --max-examples "${FUZZ_EXAMPLES:-3}" --seed 1 --suppress-health-check all \
    --exclude-path-regex '/sign-?out|/sessions' --no-color
done

kill "$server"
wait "$server"
server=
"$popug" verify --data "$folder/data"
