package io.cema.cloud.security;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** Devices that come with a claim, for the metrics endpoint: many that are refused are a mistake, or somebody who tries. */
@ApplicationScoped
class EnrolmentMeters {
    private final Counter issued;
    private final Counter refused;

    EnrolmentMeters(MeterRegistry registry) {
        issued = outcome(registry, "issued");
        refused = outcome(registry, "refused");
    }

    /** The series are there before the first device comes. */
    void start(@Observes StartupEvent event) {
        issued.increment(0);
    }

    void issued() {
        issued.increment();
    }

    void refused() {
        refused.increment();
    }

    private static Counter outcome(MeterRegistry registry, String outcome) {
        return Counter.builder("cema.enrolments")
                .description("Claims that devices came with, by what they got")
                .tag("outcome", outcome)
                .register(registry);
    }
}
