# syntax=docker/dockerfile:1
# trailcar in an image without shell and package manager, as a user without rights.
FROM rust:1.95.0-bookworm AS build
# The image's own toolchain, not the one with lints and formatter that rust-toolchain.toml asks for.
ENV RUSTUP_TOOLCHAIN=1.95.0 CARGO_TARGET_DIR=/target
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/target \
    cargo build --release --locked --package trailcar && install -D /target/release/trailcar /out/trailcar
# Empty folders whose owner new volumes take over.
RUN mkdir -p /out/data

FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="trailcar" \
      org.opencontainers.image.description="Delivers audit logs of AI developer tools to Elasticsearch" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /out/trailcar /usr/local/bin/trailcar
COPY --from=build --chown=65532:65532 /out/data /var/lib/trailcar
COPY LICENSE /usr/share/doc/trailcar/LICENSE
COPY geoip-samples /usr/share/trailcar/geoip-samples
COPY pipelines/cursor.audit/sample.ndjson /usr/share/trailcar/samples/cursor.audit.ndjson
USER 65532:65532
WORKDIR /var/lib/trailcar
VOLUME /var/lib/trailcar
EXPOSE 8686
ENTRYPOINT ["/usr/local/bin/trailcar"]
CMD ["run", "--config", "/etc/trailcar/trailcar.yml"]
