package io.cema.cloud.ingest;

/** How a sample comes from the process that took it off the broker to the one that stores it. */
public enum SampleTransport {
    /** It is the same process. */
    DIRECT,
    /** Over a Kafka topic, keyed by cohort: what Kafka has, the broker may forget. */
    KAFKA
}
