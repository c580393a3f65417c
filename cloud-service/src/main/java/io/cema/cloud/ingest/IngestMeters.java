package io.cema.cloud.ingest;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.concurrent.TimeUnit;

/** What ingest does, for the metrics endpoint. Any thread. */
@ApplicationScoped
class IngestMeters {
    private static final String SAMPLES = "cema.ingest.samples";
    private static final String SAMPLES_ARE =
            "Samples by what became of them; one that was there already is a duplicate";

    private final MeterRegistry registry;
    private final Counter stored;
    private final Counter duplicates;
    private final Counter deadLetters;
    private final Counter imageBytes;
    private final Timer durable;
    private final Timer age;
    private final DistributionSummary batch;

    IngestMeters(MeterRegistry registry) {
        this.registry = registry;
        stored = samples("stored");
        duplicates = samples("duplicate");
        deadLetters = samples("dead_letter");
        imageBytes = Counter.builder("cema.ingest.image")
                .description("Encoded images that became samples")
                .baseUnit("bytes")
                .register(registry);
        durable = Timer.builder("cema.ingest.durable")
                .description("From a message's arrival here until it is durable and acknowledged")
                .serviceLevelObjectives(millis(5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 60_000))
                .register(registry);
        age = Timer.builder("cema.ingest.sample.age")
                .description(
                        "From the frame, by the device's clock, until its sample is durable: what devices spool is old")
                .serviceLevelObjectives(millis(100, 500, 1_000, 5_000, 30_000, 300_000, 3_600_000, 86_400_000))
                .register(registry);
        batch = DistributionSummary.builder("cema.ingest.batch")
                .description("Messages stored in one transaction; at its limit, ingest is behind")
                .baseUnit("messages")
                .serviceLevelObjectives(1, 4, 16, 32, 64)
                .register(registry);
    }

    /** @param queue must outlive the registry's use of it; its size needs no lock */
    void watch(Collection<?> queue) {
        Gauge.builder("cema.ingest.waiting", queue, Collection::size)
                .description("Messages that have arrived and are in no batch yet")
                .baseUnit("messages")
                .register(registry);
    }

    void batch(int messages) {
        batch.record(messages);
    }

    void durable(long nanos) {
        durable.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** @param capturedMillis of the device's clock, which may be wrong */
    void stored(int bytes, long capturedMillis) {
        stored.increment();
        imageBytes.increment(bytes);
        age.record(Math.max(0, System.currentTimeMillis() - capturedMillis), TimeUnit.MILLISECONDS);
    }

    void duplicate() {
        duplicates.increment();
    }

    void deadLettered() {
        deadLetters.increment();
    }

    private Counter samples(String outcome) {
        return Counter.builder(SAMPLES)
                .description(SAMPLES_ARE)
                .tag("outcome", outcome)
                .register(registry);
    }

    private static Duration[] millis(long... bounds) {
        return Arrays.stream(bounds).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
    }
}
