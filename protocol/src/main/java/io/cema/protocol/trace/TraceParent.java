package io.cema.protocol.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The header {@code traceparent} of W3C Trace Context, as it stands in messages: {@code 00-TRACE-SPAN-01}. Of a span that is
 * not recorded it is empty, so an untraced message costs no byte. What comes from a message is checked: what is no context is
 * none. Stateless, any thread.
 */
public final class TraceParent {
    /** Of the header, and of MQTT's user property. */
    public static final String NAME = "traceparent";

    private static final int LENGTH = 55;

    private static final TextMapGetter<String> ITSELF = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(String carrier) {
            return List.of(NAME);
        }

        @Override
        public String get(String carrier, String key) {
            return NAME.equals(key) ? carrier : null;
        }
    };

    private TraceParent() {}

    /** Of this span; empty if it is not recorded. */
    public static String of(Span span) {
        SpanContext context = span.getSpanContext();
        return context.isValid() && context.isSampled()
                ? "00-" + context.getTraceId() + "-" + context.getSpanId() + "-"
                        + context.getTraceFlags().asHex()
                : "";
    }

    /** What a message carries; empty if that is no context, or one of a span that is not recorded. */
    public static Optional<SpanContext> parse(String text) {
        if (text.length() != LENGTH) {
            return Optional.empty();
        }
        Context read = W3CTraceContextPropagator.getInstance().extract(Context.root(), text, ITSELF);
        return Optional.of(Span.fromContext(read).getSpanContext())
                .filter(context -> context.isValid() && context.isSampled());
    }

    /** The text itself if it is a context; for those who only pass it on. */
    public static Optional<String> checked(String text) {
        return parse(text).map(context -> text);
    }

    /** A span below what the text says, from now on; one that is not recorded if it says nothing. */
    public static Span start(Tracer tracer, String text, String name, SpanKind kind) {
        return below(tracer, text, name, kind).map(SpanBuilder::startSpan).orElse(Span.getInvalid());
    }

    /** The same from an earlier moment on. */
    public static Span start(Tracer tracer, String text, String name, SpanKind kind, Instant since) {
        return below(tracer, text, name, kind)
                .map(span -> span.setStartTimestamp(since).startSpan())
                .orElse(Span.getInvalid());
    }

    private static Optional<SpanBuilder> below(Tracer tracer, String text, String name, SpanKind kind) {
        return parse(text).map(parent -> tracer.spanBuilder(name)
                .setParent(Context.root().with(Span.wrap(parent)))
                .setSpanKind(kind));
    }
}
