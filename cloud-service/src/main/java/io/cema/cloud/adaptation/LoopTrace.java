package io.cema.cloud.adaptation;

import io.cema.cloud.adaptation.torch.StepReport;
import io.cema.protocol.trace.TraceParent;
import io.cema.protocol.trace.Tracing;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.util.List;

/**
 * One trace per publication: {@code adapt}, from the first step that learnt from a traced frame to the update that went down,
 * with {@code train}, {@code gate} and {@code publish} below it. A step has many frames and each frame a trace of its own, so
 * {@code train} is linked to them, not below them. What learns from no traced frame makes no span. One thread, the loop's.
 */
final class LoopTrace {
    private final LoopKey key;
    private final Tracing tracing;
    private Span round = Span.getInvalid();
    private Span publication = Span.getInvalid();

    LoopTrace(LoopKey key, Tracing tracing) {
        this.key = key;
        this.tracing = tracing;
    }

    boolean on() {
        return tracing.on();
    }

    void learnt(StepReport report, List<String> frames, long startedNanos) {
        if (!under() && frames.isEmpty()) {
            return;
        }
        Instant started = at(startedNanos);
        if (!under()) {
            round = tracing.tracer()
                    .spanBuilder("adapt")
                    .setNoParent()
                    .setStartTimestamp(started)
                    .setAttribute("cema.cohort", key.cohort())
                    .setAttribute("cema.model", key.shortModel())
                    .startSpan();
        }
        SpanBuilder train = below("train").setStartTimestamp(started);
        frames.forEach(frame -> TraceParent.parse(frame).ifPresent(train::addLink));
        train.setAttribute("cema.step", report.step())
                .setAttribute("cema.images.fresh", report.fresh())
                .setAttribute("cema.images.replayed", report.replayed())
                .startSpan()
                .end();
    }

    void judged(Verdict verdict, long startedNanos) {
        if (under()) {
            below("gate")
                    .setStartTimestamp(at(startedNanos))
                    .setAttribute("cema.verdict", verdict.getClass().getSimpleName())
                    .setAttribute("cema.reason", verdict.reason())
                    .startSpan()
                    .end();
        }
    }

    /** Begins the span that devices' spans go below; returns its context, empty if nothing is traced. */
    String publishing() {
        publication = under() ? below("publish").setSpanKind(SpanKind.PRODUCER).startSpan() : Span.getInvalid();
        return TraceParent.of(publication);
    }

    void published(String version, LoopStore.Publication done) {
        publication
                .setAttribute("cema.update", version)
                .setAttribute("cema.revision", done.epoch() + "." + done.revision())
                .setAttribute("cema.channel", done.candidate() ? CanaryPhase.CANARY : CanaryPhase.STABLE)
                .end();
        round.end();
        publication = Span.getInvalid();
        round = Span.getInvalid();
    }

    private boolean under() {
        return round.getSpanContext().isValid();
    }

    private SpanBuilder below(String name) {
        return tracing.tracer().spanBuilder(name).setParent(Context.root().with(round));
    }

    private static Instant at(long nanoTime) {
        return Instant.now().minusNanos(System.nanoTime() - nanoTime);
    }
}
