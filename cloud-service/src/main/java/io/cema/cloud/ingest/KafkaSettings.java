package io.cema.cloud.ingest;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/**
 * {@code cema.kafka.*}: the samples' topic, where {@code cema.samples.transport} is {@code kafka}. What a Kafka client needs
 * besides, such as TLS, is set by its own names behind {@code kafka.}, as in {@code kafka.security.protocol}.
 */
@ConfigMapping(prefix = "cema.kafka")
interface KafkaSettings {
    /** Brokers to begin with, HOST:PORT by commas. */
    String servers();

    /** The topic; one for each tenant. */
    String topic();

    /** Of a topic that the service makes: the most processes that can share the storing of samples. */
    @WithDefault("12")
    int partitions();

    /** Of a topic that the service makes: copies; absent: as the brokers have it. */
    Optional<Short> replication();

    /**
     * Of a topic that the service makes: how long it keeps samples, stored or not. Images that were erased here lie there
     * until then.
     */
    @WithDefault("P1D")
    Duration retention();
}
