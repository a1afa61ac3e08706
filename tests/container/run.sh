#!/usr/bin/env bash
# Build the unmodified Dockerfile and run the image as the Actions runner does. Needs root, buildah, podman and runc:
#   apt-get install -y --no-install-recommends buildah podman runc mmdebstrap
# Where mmdebstrap is there, a stand-in for python:3.13-slim is made from Debian's packages and no image registry is
# asked; it holds Debian's Python, not the official image's.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-.venv/bin/python}
work=${PINWARD_CONTAINER_DIR:-$PWD/build/container}
base=docker.io/library/python:3.13-slim
mkdir -p "$work"

cat > "$work/containers.conf" <<CONF
[containers]
default_ulimits=["nofile=1024:1024","nproc=4096:4096"]
[engine]
cgroup_manager="cgroupfs"
events_logger="file"
runtime="runc"
CONF
cat > "$work/storage.conf" <<CONF
[storage]
driver="overlay"
graphroot="$work/graph"
runroot="$work/run"
CONF
export CONTAINERS_CONF=$work/containers.conf CONTAINERS_STORAGE_CONF=$work/storage.conf

# The hooks are for mmdebstrap to expand.
# shellcheck disable=SC2016
stand_in() {
  mmdebstrap --quiet --variant=apt --include=ca-certificates,python3,python3-pip,python3-venv \
    --customize-hook='copy-in /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs' \
    --customize-hook='cd "$1/usr/local/bin" && ln -s /usr/bin/python3 python && ln -s /usr/bin/python3 python3 && ln -s /usr/bin/pip3 pip' \
    --customize-hook='rm -f "$1"/usr/lib/python3*/EXTERNALLY-MANAGED' \
    trixie "$work/base.tar"
  podman import --quiet "$work/base.tar" "$base"
  rm "$work/base.tar"
}

if command -v mmdebstrap > /dev/null && ! podman image exists "$base"; then
  stand_in
fi
buildah bud --quiet --layers --isolation chroot --tag localhost/pinward:test . > "$work/image"
rm -rf "$work/oci"
buildah push --quiet localhost/pinward:test "oci:$work/oci:test"
# For act, which starts docker actions through an engine's socket.
if [ -z "${DOCKER_HOST:-}" ]; then
  podman system service --time=0 "unix://$work/engine.sock" 2> "$work/engine.log" &
  engine=$!
  trap 'kill "$engine"' EXIT
  export DOCKER_HOST=unix://$work/engine.sock
fi
export PINWARD_IMAGE=localhost/pinward:test PINWARD_IMAGE_LAYOUT=$work/oci
"$python" -m pytest "$@" tests/container
