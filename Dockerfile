# syntax=docker/dockerfile:1
FROM swift:6.3-bookworm AS build
RUN apt-get update -q \
 && apt-get install -q -y --no-install-recommends libpq-dev zlib1g-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Package.swift ./
COPY Sources ./Sources
COPY Migrations ./Migrations
# The package names its test targets, so their folders must exist; none of them is built.
COPY Tests ./Tests
RUN swift build -c release --product harbor-fleet --static-swift-stdlib -Xswiftc -g \
 && install -D -s .build/release/harbor-fleet /out/harbor-fleet

FROM debian:12.11-slim
RUN apt-get update -q \
 && apt-get install -q -y --no-install-recommends libpq5 zlib1g libjs-leaflet ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 harbor-fleet \
 && useradd --uid 10001 --gid 10001 --home-dir /var/lib/harbor-fleet --no-create-home harbor-fleet \
 && install -d -o 10001 -g 10001 -m 0700 /var/lib/harbor-fleet
COPY --from=build /out/harbor-fleet /usr/local/bin/harbor-fleet
COPY Config/harbor-fleet.json /etc/harbor-fleet/Config/harbor-fleet.json
WORKDIR /etc/harbor-fleet
ENV HARBOR_DATA_DIR=/var/lib/harbor-fleet
USER 10001:10001
EXPOSE 8080
VOLUME /var/lib/harbor-fleet
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["harbor-fleet", "health"]
ENTRYPOINT ["harbor-fleet"]
CMD ["serve"]
