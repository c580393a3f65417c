package io.cema.edge;

import io.cema.protocol.message.UploadReason;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import java.time.Duration;
import java.time.Instant;

/**
 * Where a trace begins: at a frame that goes up, in the ratio of {@code cema.tracing.ratio}. The span {@code frame} runs from
 * its pixels to the spool; what follows finds it by the sample's {@code trace_parent}, over restarts too. Stateless.
 */
final class FrameTrace {
    private FrameTrace() {}

    /** To be ended when the sample is spooled, or not. */
    static Span begin(Tracer tracer, Predicted image, UploadReason reason) {
        return tracer.spanBuilder("frame")
                .setNoParent()
                .setStartTimestamp(Instant.now().minus(Duration.ofNanos(Math.round(image.latencyMillis() * 1e6))))
                .setAttribute("cema.frame", image.frame().number())
                .setAttribute("cema.cohort", image.origin().cohort())
                .setAttribute("cema.update", image.origin().update())
                .setAttribute("cema.entropy", image.prediction().entropy())
                .setAttribute("cema.reason", reason.name())
                .startSpan();
    }
}
