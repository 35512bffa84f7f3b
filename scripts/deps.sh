#!/usr/bin/env bash
# Installs through apt what the tests lack; does nothing when all of it is there.
set -euo pipefail
want=()
command -v gcc >/dev/null || want+=(gcc libc6-dev)
if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then
  want+=(chromium)
fi
find /usr/share/fonts -iname '*NotoColorEmoji*' 2>/dev/null | grep -q . || want+=(fonts-noto-color-emoji)
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null || want+=(postgresql)
command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || want+=(pgbouncer)
command -v redis-server >/dev/null || want+=(redis-server)
[ ${#want[@]} -gt 0 ] || exit 0
echo "==> installing ${want[*]}"
if ! command -v apt-get >/dev/null; then
  echo "no apt-get here: install ${want[*]} yourself" >&2
  exit 1
fi
as=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "need root or sudo to install ${want[*]}" >&2; exit 1; }
  as=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
# Debian starts a server when it installs it. Ours are private ones, started by
# the tests: a policy that forbids starting stands while we install, unless the
# machine has its own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${as[@]}" tee "$policy" >/dev/null
  "${as[@]}" chmod 755 "$policy"
  trap '"${as[@]}" rm -f "$policy"' EXIT
fi
"${as[@]}" apt-get update -qq
"${as[@]}" apt-get install -y -qq --no-install-recommends "${want[@]}" >/dev/null
