#!/usr/bin/env bash
# secrets.sh: makes what compose.yaml needs and is not there yet: secrets/ and .env. Changes nothing that exists.
set -euo pipefail
cd "$(dirname "$0")"
umask 077
digits() { od -An -tx1 -N"$1" /dev/urandom | tr -d ' \n'; }

mkdir -p secrets
for name in popug-secret popug-gateway-key; do
  # The image's user reads them; the folder keeps everybody else out.
  [ -e "secrets/$name" ] || { digits 32 >"secrets/$name"; chmod 444 "secrets/$name"; }
done
# The brokers' certificate, and the authority that vouches for it and for nothing else: its key is not kept.
if [ ! -e secrets/rabbit-certificate ]; then
  room=$(mktemp -d)
  trap 'rm -rf "$room"' EXIT
  key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
  {
    openssl req -x509 "${key[@]}" -keyout "$room/authority.key" -out "$room/authority" -days 3650 \
      -subj "/CN=popug brokers"
    openssl req "${key[@]}" -keyout "$room/key" -out "$room/request" -subj "/CN=rabbit"
    openssl x509 -req -in "$room/request" -CA "$room/authority" -CAkey "$room/authority.key" -CAcreateserial \
      -days 3650 -out "$room/certificate" -extfile <(echo "subjectAltName=DNS:rabbit1,DNS:rabbit2,DNS:rabbit3")
  } 2>/dev/null || { echo "no certificates could be made; install the package openssl" >&2; exit 1; }
  for name in authority key certificate; do
    cp "$room/$name" "secrets/rabbit-$name"
    chmod 444 "secrets/rabbit-$name"
  done
fi
[ -e .env ] || cat >.env <<END
COMPOSE_PROJECT_NAME=popug
POPUG_INSTALLATION=$(digits 4)-$(digits 2)-7$(digits 2 | cut -c2-)-8$(digits 2 | cut -c2-)-$(digits 6)
POPUG_POSTGRES_PASSWORD=$(digits 16)
POPUG_RABBIT_PASSWORD=$(digits 16)
POPUG_RABBIT_COOKIE=$(digits 16)
END
echo "secrets/ and .env are there. Keep a copy of both elsewhere."
