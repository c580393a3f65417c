package io.cema.cloud.adaptation;

import io.cema.cloud.adaptation.torch.StepReport;
import io.cema.protocol.trace.Tracing;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.List;

/** What a loop tells of itself to those who watch the system: counted, and traced where frames are. One thread, the loop's. */
final class LoopTelemetry {
    private final LoopMeters meters;
    private final LoopTrace trace;

    LoopTelemetry(LoopKey key, LoopMeters meters, Tracing tracing) {
        this.meters = meters;
        this.trace = new LoopTrace(key, tracing);
    }

    /** Nobody watches. */
    static LoopTelemetry none(LoopKey key) {
        return new LoopTelemetry(key, new LoopMeters(new CompositeMeterRegistry(), key.cohort()), Tracing.off());
    }

    /** Contexts of the traced frames among these uploads; asks the store only where something is traced. */
    List<String> traced(LoopStore store, long firstOrdinal, long lastOrdinal) {
        return trace.on() ? store.traces(firstOrdinal, lastOrdinal) : List.of();
    }

    /** @param startedNanos here and below of {@link System#nanoTime} */
    void learnt(StepReport report, List<String> frames, long startedNanos) {
        meters.learnt(report, System.nanoTime() - startedNanos);
        trace.learnt(report, frames, startedNanos);
    }

    void judged(Verdict verdict, long startedNanos) {
        meters.judged(verdict, System.nanoTime() - startedNanos);
        trace.judged(verdict, startedNanos);
    }

    /** About to be published; returns what goes down with the update. */
    String publishing() {
        return trace.publishing();
    }

    void published(String version, LoopStore.Publication publication, int bytes) {
        meters.published(publication.candidate(), bytes);
        trace.published(version, publication);
    }

    void failed() {
        meters.failed();
    }
}
