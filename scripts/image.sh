#!/usr/bin/env bash
# Builds the container image conserje:dev with docker, podman or buildah, the first
# that works here (ENGINE=podman chooses). GOPROXY, when set, is the build's too.
set -euo pipefail
cd "$(dirname "$0")/.."
engine=${ENGINE:-}
for e in docker podman buildah; do # docker's client is often there without its daemon
  [ -n "$engine" ] || ! "$e" info >/dev/null 2>&1 || engine=$e
done
commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain 2>/dev/null | head -1)" ] || commit="$commit-dirty"
args=(--build-arg "COMMIT=$commit" -t "${IMAGE:-conserje:dev}")
[ -z "${GOPROXY:-}" ] || args+=(--build-arg "GOPROXY=$GOPROXY")
case $engine in
docker) export DOCKER_BUILDKIT=1 ;; # the cache mounts need it
podman | buildah) args+=(--format docker --layers) ;; # an image of the OCI's format has no health check
"")
  echo "make image needs docker (its daemon running), podman or buildah, and none answers here: start or install one, or build the binary alone with make build" >&2
  exit 1
  ;;
*)
  echo "ENGINE=$engine: write docker, podman or buildah" >&2
  exit 2
  ;;
esac
echo "==> building ${IMAGE:-conserje:dev} with $engine"
exec "$engine" build "${args[@]}" .
