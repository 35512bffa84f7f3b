# Two stages: Go builds one static binary, and the image holds nothing else.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG COMMIT=unknown
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.commit=${COMMIT}" -o /out/conserje ./cmd/conserje \
 && mkdir /out/data

FROM gcr.io/distroless/static:nonroot
COPY --from=build /out/conserje /conserje
# The embedded store, the admin token and nothing else: mount a volume here.
COPY --from=build --chown=nonroot:nonroot /out/data /data
ENV DATA_DIR=/data
VOLUME /data
EXPOSE 8002
# 8003 is the admin pages: loopback of the container unless ADMIN_ADDR and ADMIN_PASSWORD are set.
ENTRYPOINT ["/conserje"]
CMD ["serve"]
