package io.cema.cloud.ingest;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** {@code cema.samples.*}: which way uploads take, and how long they are kept. */
@ConfigMapping(prefix = "cema.samples")
interface SampleSettings {
    /** {@code kafka}: between broker and database, samples wait in Kafka and are divided by cohort ({@code cema.kafka}). */
    @WithDefault("direct")
    SampleTransport transport();

    /** Samples, their labels, undelivered parts and dead letters go so long after they were received. */
    @WithDefault("P30D")
    Duration expireAfter();

    /** How often that is looked after. */
    @WithDefault("PT1H")
    Duration expiryInterval();
}
