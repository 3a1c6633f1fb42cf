#!/usr/bin/env bash
# Installs the foreign histogram libraries that read our logs in the interop tests.
#
# usage: install.sh     Needs root for apt-get where a package is missing; safe to run again.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

missing=()
[ -f /usr/share/java/hdrhistogram.jar ] || missing+=(libhdrhistogram-java)
# Any JDK will do; Debian's default comes in only where there is none.
command -v javac > /dev/null || missing+=(default-jdk-headless)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get -q update
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "${missing[@]}"
fi

(cd "$here" && npm ci --no-audit --no-fund --silent)
echo "peers: /usr/share/java/hdrhistogram.jar and $here/node_modules"
