# syntax=docker/dockerfile:1
# What bench/mdbook.yaml asks for, as a careful hand writes it: downloads and compiled dependencies
# are kept in cache mounts, which a registry's cache cannot hold.
FROM rust:1-trixie AS build
WORKDIR /work
RUN --mount=type=bind,target=. --mount=type=cache,id=bench-cargo,target=/usr/local/cargo/registry \
    --mount=type=cache,id=bench-mdbook-target,target=/target \
    cargo build --release --locked --target-dir /target && install -D /target/release/mdbook /out/mdbook

FROM gcr.io/distroless/cc-debian13:nonroot
COPY --from=build /out/mdbook /app/mdbook
WORKDIR /app
USER 65532:65532
ENTRYPOINT ["/app/mdbook"]
