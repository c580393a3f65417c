package io.cema.edge.update;

import io.cema.protocol.trace.TraceParent;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Instant;

/**
 * The spans of one update on this device, below the cloud's span that published it: {@code update}, and below that what has
 * been done so far, {@code fold}, {@code shadow}, {@code swap}. Nothing where the update carries no trace. One thread.
 */
final class UpdateTrace {
    private final Tracer tracer;
    private final Span update;
    private Instant since = Instant.now();

    private UpdateTrace(Tracer tracer, Span update) {
        this.tracer = tracer;
        this.update = update;
    }

    /** @param traceParent as the update carries it */
    static UpdateTrace begin(Tracer tracer, String traceParent, String version) {
        return new UpdateTrace(
                tracer,
                TraceParent.start(tracer, traceParent, "update", SpanKind.CONSUMER)
                        .setAttribute("cema.update", version));
    }

    /** What was begun at the last call, or at the beginning, is done. */
    void done(String name) {
        if (update.getSpanContext().isValid()) {
            tracer.spanBuilder(name)
                    .setParent(Context.root().with(update))
                    .setStartTimestamp(since)
                    .startSpan()
                    .end();
            since = Instant.now();
        }
    }

    /** Returns the result. */
    UpdateResult end(UpdateResult result) {
        update.setAttribute("cema.result", result.getClass().getSimpleName()).end();
        return result;
    }
}
