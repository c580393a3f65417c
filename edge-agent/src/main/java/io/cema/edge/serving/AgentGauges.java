package io.cema.edge.serving;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.OptionalDouble;

/**
 * Work, power and heat for the metrics endpoint. A scrape reads no sensor, only what the agent sampled last; what is not
 * known is not a number there.
 */
public final class AgentGauges {
    private AgentGauges() {}

    /** @param source must outlive the registry's use of it */
    public static void register(MeterRegistry registry, AgentStatusSource source) {
        FunctionCounter.builder("cema.inferences", source, s -> s.status().inferences())
                .description("Images through the engine")
                .register(registry);
        Gauge.builder("cema.temperature", source, s -> orNan(s.status().power().hottest()))
                .baseUnit("celsius")
                .description("Of the hottest zone")
                .register(registry);
        // A machine without a power sensor shows no series rather than an empty one.
        if (!source.status().power().energySource().equals("NONE")) {
            Gauge.builder("cema.power", source, s -> orNan(s.status().power().watts()))
                    .baseUnit("watts")
                    .description("Of the whole module or card")
                    .register(registry);
            FunctionCounter.builder(
                            "cema.energy", source, s -> orNan(s.status().power().joules()))
                    .baseUnit("joules")
                    .description("Of the whole module or card, since the agent's start")
                    .register(registry);
        }
    }

    private static double orNan(OptionalDouble value) {
        return value.orElse(Double.NaN);
    }
}
