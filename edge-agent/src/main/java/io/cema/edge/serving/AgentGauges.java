package io.cema.edge.serving;

import io.cema.edge.storage.DiskWatch;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

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
        registerUplink(registry, source);
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

    /** What comes in, goes up and comes down. */
    private static void registerUplink(MeterRegistry registry, AgentStatusSource source) {
        Gauge.builder("cema.broker.connected", source, s -> s.status().connected() ? 1 : 0)
                .description("1 while there is a session with the broker")
                .register(registry);
        Gauge.builder("cema.spool.images", source, s -> s.status().spool().images())
                .description("Samples that wait on disk")
                .register(registry);
        Gauge.builder("cema.spool", source, s -> s.status().spool().bytes())
                .baseUnit("bytes")
                .description("The room they take")
                .register(registry);
        count(registry, source, "cema.frames.failed", "Frames that could not be predicted", AgentStatus::failedFrames);
        count(registry, source, "cema.uploaded.images", "Samples the broker has taken", AgentStatus::uploadedImages);
        count(registry, source, "cema.uploaded.bytes", "MQTT payloads of samples", AgentStatus::uploadedBytes);
        count(
                registry,
                source,
                "cema.acknowledged.images",
                "Samples that are durable in the cloud",
                AgentStatus::acknowledged);
        count(
                registry,
                source,
                "cema.refused.images",
                "Samples the cloud has refused for good",
                AgentStatus::deadLettered);
        count(registry, source, "cema.lost.images", "Samples given up: too old, or the spool was full", s -> s.spool()
                .dropped());
        count(registry, source, "cema.downloaded.bytes", "MQTT payloads of updates", AgentStatus::downloadedBytes);
    }

    private static void count(
            MeterRegistry registry,
            AgentStatusSource source,
            String name,
            String description,
            ToDoubleFunction<AgentStatus> value) {
        FunctionCounter.builder(name, source, s -> value.applyAsDouble(s.status()))
                .description(description)
                .register(registry);
    }

    /** @param disk must outlive the registry's use of it */
    public static void register(MeterRegistry registry, DiskWatch disk) {
        Gauge.builder("cema.disk.free", disk, d -> d.state().freeBytes())
                .baseUnit("bytes")
                .description("That the agent may use")
                .register(registry);
        Gauge.builder("cema.disk.problem", disk, d -> d.state().sound() ? 0 : 1)
                .description("1 while the disk is low, full, read-only or failing")
                .register(registry);
        FunctionCounter.builder("cema.disk.failed.writes", disk, DiskWatch::failedWrites)
                .description("Writes of the agent that failed")
                .register(registry);
        FunctionCounter.builder(
                        "cema.disk.damaged.files", disk, d -> d.damages().count())
                .description("Files that were found damaged")
                .register(registry);
    }

    private static double orNan(OptionalDouble value) {
        return value.orElse(Double.NaN);
    }
}
