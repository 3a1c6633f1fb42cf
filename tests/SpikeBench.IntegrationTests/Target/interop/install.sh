#!/usr/bin/env bash
# Installs the foreign gRPC clients that the target's hosting is tested with, and builds the two that are compiled.
#
# usage: install.sh [PEER_DIR]     default: artifacts/peers of the repository. Needs root for apt-get; safe to run again.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../../.." && pwd)
peers=${1:-$root/artifacts/peers}
protos=$root/src/SpikeBench.Target/Protos

packages=(python3-grpcio python3-grpc-tools python3-protobuf golang-go golang-google-grpc-dev
          g++ pkg-config libgrpc++-dev protobuf-compiler protobuf-compiler-grpc)
missing=()
for package in "${packages[@]}"; do
  dpkg -s "$package" > /dev/null 2>&1 || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  apt-get -q update
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "${missing[@]}"
fi

mkdir -p "$peers/node" "$peers/cpp"

# Node: the lock file stays here, the packages beside the other build output.
cp "$here/package.json" "$here/package-lock.json" "$peers/node/"
(cd "$peers/node" && npm ci --no-audit --no-fund --silent)

# Go: Debian's copy of grpc-go, in GOPATH mode: nothing is downloaded.
GO111MODULE=off GOPATH=/usr/share/gocode go build -o "$peers/go_client" "$here/go_client/main.go"

# C++: only when the source or the contract is newer; it takes a minute. The server of the driver's tests links the same messages.
messages=("$peers/cpp/interop/test.pb" "$peers/cpp/interop/test.grpc.pb")
if [ ! "$peers/cpp_client" -nt "$here/cpp_client.cc" ] || [ ! "$peers/cpp_client" -nt "$protos/interop/test.proto" ] || [ ! -f "${messages[1]}.o" ]; then
  protoc -I "$protos" --cpp_out="$peers/cpp" --grpc_out="$peers/cpp" \
    --plugin=protoc-gen-grpc="$(command -v grpc_cpp_plugin)" interop/test.proto
  for message in "${messages[@]}"; do
    # shellcheck disable=SC2046
    g++ -std=c++17 -O0 -I "$peers/cpp" $(pkg-config --cflags grpc++ protobuf) -c "$message.cc" -o "$message.o"
  done
  # shellcheck disable=SC2046
  g++ -std=c++17 -O0 -I "$peers/cpp" "$here/cpp_client.cc" "${messages[@]/%/.o}" \
    -o "$peers/cpp_client" $(pkg-config --cflags --libs grpc++ protobuf)
fi
echo "peers are in $peers"
