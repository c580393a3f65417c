package io.cema.cloud.event;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * What happens, counted by its kind: canaries' outcomes, rollouts, quarantines, re-enrolments and whatever else people may
 * watch. Counted where it is done, so of all processes the sum is right; a change that is rolled back afterwards, which is
 * rare, is counted, too. Any thread.
 */
@ApplicationScoped
class LiveEventMeters {
    private final MeterRegistry registry;

    LiveEventMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** The first series is there before anything happens. */
    void start(@Observes StartupEvent event) {
        happened("fleet.restored", 0);
    }

    /** @param type of a closed set: it stands in the code that appends the event */
    void happened(String type) {
        happened(type, 1);
    }

    private void happened(String type, int times) {
        Counter.builder("cema.events")
                .description("What happened that people may watch, by its type")
                .tag("type", type)
                .register(registry)
                .increment(times);
    }
}
