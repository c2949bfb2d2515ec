#!/usr/bin/env bash
# setup.sh run|test|cluster|bench|browser: installs the Debian packages that are missing, and only those. Says what it lacks where it may not.
set -euo pipefail

packages=(libsqlite3-dev libpq-dev libcurl4-openssl-dev librabbitmq-dev zlib1g-dev libcrack2-dev cracklib-runtime make git)
if [ "${1:-run}" = test ]; then
  packages+=(postgresql-15 rabbitmq-server util-linux python3 python3-venv python3-pip python3-aiosmtpd openssl curl nginx iproute2 libfaketime)
  packages+=(chromium fonts-liberation libatomic1)
elif [ "${1:-run}" = cluster ]; then
  packages+=(postgresql-15 rabbitmq-server util-linux python3 openssl)
elif [ "${1:-run}" = browser ]; then
  packages+=(python3 python3-venv python3-pip chromium fonts-liberation libatomic1)
fi

if [ "${1:-run}" = bench ]; then packages+=(wrk python3 python3-aiosmtpd postgresql-15 rabbitmq-server util-linux openssl); fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "Please install as root: ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
  fi
  echo "Installing ${missing[*]}"
  "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 update -q
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 \
    install -y -q --no-install-recommends "${missing[@]}"
fi

command -v swift >/dev/null || { echo "Swift 6.2 or later is needed: https://www.swift.org/install" >&2; exit 1; }

# python MODULE PACKAGE…: installs into .venv what the module is missing from.
python() {
  .venv/bin/python -c "import $1" 2>/dev/null || .venv/bin/pip install --quiet --disable-pip-version-check "${@:2}"
}
case ${1:-run} in
  test | browser)
    [ -x .venv/bin/python ] || python3 -m venv .venv
    # The browser is Debian's; playwright only drives it.
    python playwright playwright
    python pytest pytest
    # Two OpenID Connect providers.
    python oidc_provider_mock oidc-provider-mock
    python pytest_iam pytest-iam
    ;;&
  test)
    python schemathesis schemathesis openapi-spec-validator
    # For the schema of compose files that is in it.
    python compose --no-deps docker-compose==1.29.2
    ;;
esac
