package io.cema.edge;

import io.cema.edge.device.AgentMetrics;
import io.cema.edge.selection.SampleSelector;
import io.cema.edge.update.ShadowFrames;
import io.cema.protocol.message.SlotTelemetry;
import io.cema.protocol.message.Telemetry;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/**
 * The learning of each slot, found by the model that an image was shown to. Counters of a model and of a cohort last as long
 * as the agent runs, also when the model is out of use meanwhile: they never fall. Thread-safe.
 */
final class Learnings {
    private final BiFunction<ShadowFrames, AgentMetrics, Learning> factory;
    private final Map<String, Learning> byModel = new ConcurrentHashMap<>();
    private final Map<String, AgentMetrics> metrics = new ConcurrentHashMap<>();
    private final Map<String, AgentMetrics> cohorts = new ConcurrentHashMap<>();

    /** @param factory makes the learning that feeds those shadow frames and counts there */
    Learnings(BiFunction<ShadowFrames, AgentMetrics, Learning> factory) {
        this.factory = factory;
    }

    /**
     * A slot's model is in use.
     *
     * @param shadow of the slot
     * @param selector to select with from the next image on; belongs to the learning then
     */
    synchronized void activate(String model, ShadowFrames shadow, Optional<SampleSelector> selector) {
        // What the slot had before, and whose the model was before.
        byModel.entrySet()
                .removeIf(e -> e.getValue().feeds(shadow) != e.getKey().equals(model));
        byModel.computeIfAbsent(model, digest -> factory.apply(shadow, metrics(digest)))
                .select(selector);
    }

    synchronized void remove(String model) {
        byModel.remove(model);
    }

    /** Of a model; counts from the agent's start. */
    AgentMetrics metrics(String model) {
        return metrics.computeIfAbsent(model, digest -> new AgentMetrics());
    }

    /** Present threshold of reliability in nats; 0 before the first image. */
    double entropyMax(String model) {
        Learning learning = byModel.get(model);
        return learning == null ? 0 : learning.entropyMax();
    }

    void predicted(Predicted image) {
        String model = image.manifest().digest();
        cohort(image.origin().cohort()).predicted(image.prediction(), image.latencyMillis());
        Learning learning = byModel.get(model);
        // One that was answered just before its slot came or went: counted and told, nothing else.
        (learning == null ? factory.apply(new ShadowFrames(1), metrics(model)) : learning).predicted(image);
    }

    private AgentMetrics cohort(String cohort) {
        return cohorts.computeIfAbsent(cohort, name -> new AgentMetrics());
    }

    /** What was counted of a slot's model, and of whatever models its cohort had here. */
    SlotTelemetry telemetry(String model, String slot) {
        Telemetry.Builder counted = Telemetry.newBuilder();
        metrics(model).fillInto(counted);
        Telemetry.Builder ofCohort = Telemetry.newBuilder();
        cohort(slot).fillInto(ofCohort);
        return SlotTelemetry.newBuilder()
                .setModelDigest(model)
                .setCohort(slot)
                .setFrames(counted.getFrames())
                .putAllSkipped(counted.getSkippedMap())
                .setUpdatesApplied(counted.getUpdatesApplied())
                .setUpdatesRefused(counted.getUpdatesRefused())
                .setMeanEntropy(counted.getMeanEntropy())
                .setEntropy(counted.getEntropy())
                .setLatencyMs(counted.getLatencyMs())
                .addAllClasses(counted.getClassesList())
                .setCohortEntropy(ofCohort.getEntropy())
                .setCohortLatencyMs(ofCohort.getLatencyMs())
                .build();
    }
}
