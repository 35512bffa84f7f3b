# Two stages: Go builds one static binary, and the image holds nothing else.
# Needs BuildKit, podman or buildah; `make image` takes the one that is there.
FROM docker.io/library/golang:1.26 AS build
# A module proxy of one's own: --build-arg GOPROXY=... Unset, it is Go's default.
ARG GOPROXY
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG COMMIT=unknown
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.commit=${COMMIT}" -o /out/conserje ./cmd/conserje \
 && mkdir -p -m 0700 /out/tree/data

FROM gcr.io/distroless/static:nonroot
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="Conserje" \
      org.opencontainers.image.description="The conversation engine for hotels" \
      org.opencontainers.image.source="https://github.com/conserje/conserje" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.revision="${COMMIT}"
COPY --from=build /out/conserje /conserje
# The embedded store, the admin token and nothing else: mount a volume here. A new
# volume takes this folder's owner and mode (of a folder that is copied by name only
# what is in it keeps its mode); a folder of the host must be 65532's.
COPY --from=build --chown=65532:65532 /out/tree/ /
# By number, so that Kubernetes' runAsNonRoot can tell.
USER 65532:65532
ENV DATA_DIR=/data
VOLUME /data
EXPOSE 8002
# 8003 is the admin pages: loopback of the container unless ADMIN_ADDR and ADMIN_PASSWORD are set.
STOPSIGNAL SIGTERM
# Alive, not ready: a store or a disk that is away is not mended by killing the engine.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["/conserje", "health"]
ENTRYPOINT ["/conserje"]
CMD ["serve"]
