#!/usr/bin/env bash
# Installs the foreign gRPC servers that the driver is tested against, and builds the two that are compiled. They use the same
# libraries as the clients that the target is tested with, whose script runs first.
#
# usage: install.sh [PEER_DIR]     default: artifacts/peers of the repository. Needs root for apt-get; safe to run again.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../../.." && pwd)
peers=${1:-$root/artifacts/peers}
protos=$root/src/SpikeBench.Target/Protos
bash "$here/../../Target/interop/install.sh" "$peers"

if ! dpkg -s nginx-light > /dev/null 2>&1; then
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends nginx-light
fi

GO111MODULE=off GOPATH=/usr/share/gocode go build -o "$peers/go_server" "$here/go_server/main.go"

# C++: only when the source or the contract is newer; it takes a minute. The client's script compiled the messages.
if [ ! "$peers/cpp_server" -nt "$here/cpp_server.cc" ] || [ ! "$peers/cpp_server" -nt "$protos/interop/test.proto" ]; then
  # shellcheck disable=SC2046
  g++ -std=c++17 -O0 -I "$peers/cpp" "$here/cpp_server.cc" "$peers"/cpp/interop/*.o \
    -o "$peers/cpp_server" -lgrpc++_reflection $(pkg-config --cflags --libs grpc++ protobuf)
fi
echo "servers are in $peers"
