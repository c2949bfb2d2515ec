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
[ -e .env ] || cat >.env <<END
COMPOSE_PROJECT_NAME=popug
POPUG_INSTALLATION=$(digits 4)-$(digits 2)-7$(digits 2 | cut -c2-)-8$(digits 2 | cut -c2-)-$(digits 6)
POPUG_POSTGRES_PASSWORD=$(digits 16)
POPUG_RABBIT_PASSWORD=$(digits 16)
POPUG_RABBIT_COOKIE=$(digits 16)
END
echo "secrets/ and .env are there. Keep a copy of both elsewhere."
