# The edge agent on ONNX Runtime. Build it at the root of the repository, after `mvn -B package -DskipTests`:
#   docker build -f ops/compose/images/edge.Dockerfile -t cema/edge:0.1.0-SNAPSHOT .
# On a box without containers, ops/package makes an archive and a Debian package instead.
FROM debian:bookworm-slim AS runtime
RUN apt-get update \
    && apt-get install -y --no-install-recommends openjdk-17-jdk-headless binutils \
    && rm -rf /var/lib/apt/lists/*
# The modules that ops/package/edge packs.
RUN jlink --add-modules java.base,java.desktop,java.logging,java.management,java.naming,java.net.http,java.rmi,java.sql,jdk.management,jdk.unsupported,jdk.crypto.ec,jdk.zipfs \
    --strip-debug --no-header-files --no-man-pages --compress 2 --output /runtime

FROM debian:bookworm-slim
# The JDK's image readers need their libraries.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libjpeg62-turbo liblcms2-2 ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 10002 -g 10002 -m 0700 /var/lib/cema-edge
COPY --from=runtime /runtime /opt/java
COPY edge-agent/target/quarkus-app /opt/cema-edge
USER 10002:10002
WORKDIR /var/lib/cema-edge
VOLUME /var/lib/cema-edge
ENV CEMA_DATA_DIR=/var/lib/cema-edge \
    QUARKUS_HTTP_HOST=0.0.0.0
EXPOSE 8081
ENTRYPOINT ["/opt/java/bin/java", "-XX:MaxRAMPercentage=50", "-XX:+ExitOnOutOfMemoryError", "-jar", "/opt/cema-edge/quarkus-run.jar"]
