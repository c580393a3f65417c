package io.cema.bench.fleet;

import io.cema.protocol.message.Histogram;
import io.cema.protocol.message.Slot;
import io.cema.protocol.message.SlotTelemetry;
import io.cema.protocol.message.Telemetry;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;

/** Telemetry as large as that of an agent with one model: 28 classes, histograms of entropy and latency. */
final class TelemetryMaker {
    private static final int CLASSES = 28;
    private static final int BUCKETS = 16;
    private static final long FRAMES_PER_REPORT = 750;

    private final String startId;

    /** @param startId of the simulator's run */
    TelemetryMaker(String startId) {
        this.startId = startId;
    }

    Telemetry make(long generation, long connection, long sequence, Slot slot) {
        long frames = sequence * FRAMES_PER_REPORT;
        Histogram entropy = histogram(frames, .2);
        Histogram latency = histogram(frames, 2);
        return Telemetry.newBuilder()
                .setStartId(startId)
                .setGeneration(generation)
                .setConnection(connection)
                .setSequence(sequence)
                .setUptimeMs(sequence * 30_000)
                .setFrames(frames)
                .setMeanEntropy(.4)
                .setEntropy(entropy)
                .setLatencyMs(latency)
                .addAllClasses(
                        LongStream.range(0, CLASSES).map(c -> frames / CLASSES).boxed()::iterator)
                .putSkipped("CERTAIN", frames * 9 / 10)
                .setInferences(frames)
                .addSlots(SlotTelemetry.newBuilder()
                        .setModelDigest(slot.getModelDigest())
                        .setCohort(slot.getCohort())
                        .setFrames(frames)
                        .setMeanEntropy(.4)
                        .setEntropy(entropy)
                        .setLatencyMs(latency))
                .build();
    }

    private static Histogram histogram(long frames, double step) {
        return Histogram.newBuilder()
                .addAllBounds(DoubleStream.iterate(step, bound -> bound + step)
                        .limit(BUCKETS)
                        .boxed()::iterator)
                .addAllCounts(LongStream.rangeClosed(0, BUCKETS)
                        .map(b -> frames / (BUCKETS + 1))
                        .boxed()::iterator)
                .build();
    }
}
