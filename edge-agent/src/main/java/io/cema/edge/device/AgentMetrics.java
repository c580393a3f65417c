package io.cema.edge.device;

import io.cema.edge.inference.Prediction;
import io.cema.protocol.message.Histogram;
import io.cema.protocol.message.Telemetry;
import java.util.Map;
import java.util.TreeMap;

/** What the agent has counted since its start. Thread-safe. */
public final class AgentMetrics {
    private static final double[] ENTROPY_BOUNDS = {.01, .02, .05, .1, .2, .5, 1, 2, 3, 5};
    private static final double[] LATENCY_BOUNDS = {.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};
    private static final double MEAN_WEIGHT = 0.02;

    private final long[] entropyCounts = new long[ENTROPY_BOUNDS.length + 1];
    private final long[] latencyCounts = new long[LATENCY_BOUNDS.length + 1];
    private final Map<String, Long> skipped = new TreeMap<>();
    private long[] classes = new long[0];
    private long frames;
    private long failedFrames;
    private double meanEntropy;
    private long downloadedBytes;
    private long updatesApplied;
    private long updatesRefused;

    /** @param latencyMillis from pixels to probabilities */
    public synchronized void predicted(Prediction prediction, double latencyMillis) {
        if (classes.length != prediction.classes()) {
            // Another model: counts per class mean nothing across models.
            classes = new long[prediction.classes()];
        }
        classes[prediction.predictedClass()]++;
        meanEntropy = frames == 0
                ? prediction.entropy()
                : (1 - MEAN_WEIGHT) * meanEntropy + MEAN_WEIGHT * prediction.entropy();
        frames++;
        entropyCounts[bucket(ENTROPY_BOUNDS, prediction.entropy())]++;
        latencyCounts[bucket(LATENCY_BOUNDS, latencyMillis)]++;
    }

    public synchronized void skipped(String reason) {
        skipped.merge(reason, 1L, Long::sum);
    }

    /** A frame that could not be predicted. */
    public synchronized void failed() {
        failedFrames++;
    }

    /** An update message arrived. */
    public synchronized void downloaded(long bytes) {
        downloadedBytes += bytes;
    }

    public synchronized void updateApplied() {
        updatesApplied++;
    }

    public synchronized void updateRefused() {
        updatesRefused++;
    }

    public synchronized long frames() {
        return frames;
    }

    public synchronized long failedFrames() {
        return failedFrames;
    }

    public synchronized long downloadedBytes() {
        return downloadedBytes;
    }

    public synchronized long updatesApplied() {
        return updatesApplied;
    }

    public synchronized long updatesRefused() {
        return updatesRefused;
    }

    /** Frames not uploaded, by reason. */
    public synchronized Map<String, Long> skippedByReason() {
        return Map.copyOf(skipped);
    }

    /** Adds these counters to a telemetry message. */
    public synchronized void fillInto(Telemetry.Builder telemetry) {
        telemetry
                .setFrames(frames)
                .setDownloadedBytes(downloadedBytes)
                .putAllSkipped(skipped)
                .setUpdatesApplied(updatesApplied)
                .setUpdatesRefused(updatesRefused)
                .setMeanEntropy(meanEntropy)
                .setEntropy(histogram(ENTROPY_BOUNDS, entropyCounts))
                .setLatencyMs(histogram(LATENCY_BOUNDS, latencyCounts));
        for (long count : classes) {
            telemetry.addClasses(count);
        }
    }

    private static Histogram histogram(double[] bounds, long[] counts) {
        Histogram.Builder histogram = Histogram.newBuilder();
        for (double bound : bounds) {
            histogram.addBounds(bound);
        }
        for (long count : counts) {
            histogram.addCounts(count);
        }
        return histogram.build();
    }

    private static int bucket(double[] bounds, double value) {
        int bucket = 0;
        while (bucket < bounds.length && value > bounds[bucket]) {
            bucket++;
        }
        return bucket;
    }
}
