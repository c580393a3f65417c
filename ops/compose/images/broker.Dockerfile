# Debian's Mosquitto, which ops/broker-access is tested against. Build it at the root of the repository:
#   docker build -f ops/compose/images/broker.Dockerfile -t cema/broker:0.1.0-SNAPSHOT .
FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends mosquitto \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/broker
COPY ops/compose/broker/run /usr/local/bin/run-broker
COPY ops/mosquitto/access-file /usr/local/bin/access-file
COPY ops/compose/broker/broker.conf ops/mosquitto/devices.acl /etc/cema/
# The same user as the cloud service, whose certificates it reads.
USER 10001:10001
VOLUME /var/lib/broker
EXPOSE 8883
ENTRYPOINT ["/usr/local/bin/run-broker", "/etc/cema/broker.conf", "/var/lib/cema/ca", "/etc/cema/devices.acl", "/var/lib/broker/access.acl"]
