# syntax=docker/dockerfile:1
# What examples/rust-service/cofferdam.yaml asks for, as a careful hand writes it: downloads and compiled dependencies
# are kept in cache mounts, which a registry's cache cannot hold.
FROM rust:1-trixie AS build
WORKDIR /work
RUN --mount=type=bind,target=. --mount=type=cache,id=bench-cargo,target=/usr/local/cargo/registry \
    --mount=type=cache,id=bench-target,target=/target \
    cargo build --release --locked --target-dir /target && install -D /target/release/counter /out/counter

FROM gcr.io/distroless/cc-debian13:nonroot
COPY --from=build /out/counter /app/counter
WORKDIR /app
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/app/counter"]
