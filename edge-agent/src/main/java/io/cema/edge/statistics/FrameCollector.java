package io.cema.edge.statistics;

import io.cema.edge.inference.Prediction;
import io.cema.edge.update.ModelOrigin;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes a frame now and then, by the clock alone: statistics of what the model is sure of would be a biased sample. A swap
 * of model or update begins a new batch. Thread-safe.
 */
public final class FrameCollector {
    private final StatisticsSettings settings;
    private String digest = "";
    private ModelOrigin origin = ModelOrigin.base("", "");
    private List<float[]> inputs = new ArrayList<>();
    private List<Prediction> predictions = new ArrayList<>();
    private long lastNanos;

    public FrameCollector(StatisticsSettings settings) {
        this.settings = settings;
    }

    /**
     * One more answered frame.
     *
     * @param nanos its time, as of System.nanoTime
     * @return a batch, once this frame makes it full
     */
    public synchronized Optional<FrameBatch> add(
            String model, ModelOrigin from, float[] input, Prediction prediction, long nanos) {
        if (!model.equals(digest) || !from.equals(origin)) {
            clear();
            digest = model;
            origin = from;
        } else if (!inputs.isEmpty() && nanos - lastNanos < settings.interval().toNanos()) {
            return Optional.empty();
        }
        lastNanos = nanos;
        inputs.add(input);
        predictions.add(prediction);
        if (inputs.size() < settings.frames()) {
            return Optional.empty();
        }
        FrameBatch batch = new FrameBatch(digest, origin, inputs, predictions);
        clear();
        return Optional.of(batch);
    }

    /** Forgets the frames taken so far. */
    synchronized void clear() {
        inputs = new ArrayList<>();
        predictions = new ArrayList<>();
    }
}
