# syntax=docker/dockerfile:1
# What bench/caddy.yaml asks for, as a careful hand writes it.
FROM --platform=$BUILDPLATFORM golang:1.26-trixie AS modules
WORKDIR /work
ENV CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-mod=readonly GOWORK=off
RUN --mount=type=bind,source=go.mod,target=go.mod --mount=type=bind,source=go.sum,target=go.sum \
    go mod download && go mod verify

FROM modules AS build
ARG TARGETOS TARGETARCH
RUN --network=none --mount=type=bind,target=. --mount=type=cache,id=bench-go-build,target=/root/.cache/go-build \
    GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false -ldflags="-s -w" -o /out/caddy ./cmd/caddy

FROM gcr.io/distroless/static-debian13:nonroot
COPY --from=build /out/caddy /app/caddy
WORKDIR /app
USER 65532:65532
ENTRYPOINT ["/app/caddy"]
