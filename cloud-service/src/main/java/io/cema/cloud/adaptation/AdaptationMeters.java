package io.cema.cloud.adaptation;

import io.cema.cloud.metrics.CohortLabels;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Leases of this process and the meters of its loops, for the metrics endpoint. Any thread. */
@ApplicationScoped
class AdaptationMeters {
    private final MeterRegistry registry;
    private final CohortLabels labels;
    private final Counter taken;
    private final Counter lost;
    private final Map<String, LoopMeters> cohorts = new ConcurrentHashMap<>();

    AdaptationMeters(MeterRegistry registry, CohortLabels labels) {
        this.registry = registry;
        this.labels = labels;
        taken = leases("taken");
        lost = leases("lost");
    }

    /** Of a loop's cohort; the same for each of its loops, and when a lease comes back. */
    LoopMeters of(LoopKey key) {
        return cohorts.computeIfAbsent(labels.of(key.cohort()), cohort -> new LoopMeters(registry, cohort));
    }

    /** @param seats by loop; must outlive the registry's use of it */
    void watch(Map<?, ?> seats) {
        Gauge.builder("cema.adaptation.loops.held", seats, Map::size)
                .description("Loops whose lease this process holds")
                .register(registry);
    }

    void leaseTaken() {
        taken.increment();
    }

    void leaseLost() {
        lost.increment();
    }

    private Counter leases(String what) {
        return Counter.builder("cema.adaptation.leases")
                .description("Leases of loops that this process took, and that it lost to another or to time")
                .tag("change", what)
                .register(registry);
    }
}
