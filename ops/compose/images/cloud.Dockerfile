# The cloud service. Build it at the root of the repository, after `mvn -B package -DskipTests`:
#   docker build -f ops/compose/images/cloud.Dockerfile -t cema/cloud:0.1.0-SNAPSHOT .
FROM debian:bookworm-slim AS runtime
RUN apt-get update \
    && apt-get install -y --no-install-recommends openjdk-17-jdk-headless binutils \
    && rm -rf /var/lib/apt/lists/*
RUN jlink --add-modules java.se,jdk.unsupported,jdk.management,jdk.crypto.ec,jdk.zipfs,jdk.naming.dns \
    --strip-debug --no-header-files --no-man-pages --compress 2 --output /runtime

FROM debian:bookworm-slim
# libgomp: libtorch's threads.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/cema
COPY --from=runtime /runtime /opt/java
COPY cloud-service/target/quarkus-app /opt/cema
USER 10001:10001
WORKDIR /var/lib/cema
VOLUME /var/lib/cema
ENV CEMA_DATA_DIR=/var/lib/cema \
    QUARKUS_HTTP_HOST=0.0.0.0 \
    OMP_WAIT_POLICY=passive
EXPOSE 8080
# libtorch's memory lies outside the heap, and JavaCPP would else stop at twice -Xmx.
ENTRYPOINT ["/opt/java/bin/java", "-XX:MaxRAMPercentage=40", "-XX:+ExitOnOutOfMemoryError", \
    "-Dorg.bytedeco.javacpp.maxphysicalbytes=0", "-Dorg.bytedeco.javacpp.cachedir=/tmp/javacpp", "-jar", "/opt/cema/quarkus-run.jar"]
