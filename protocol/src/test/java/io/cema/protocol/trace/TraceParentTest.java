package io.cema.protocol.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceParentTest {
    private final InMemorySpanExporter spans = InMemorySpanExporter.create();

    @Test
    void span_overAMessage_hasAChildOnTheOtherSide() {
        try (Tracing here = Tracing.to(spans, "here", 1);
                Tracing there = Tracing.to(spans, "there", 1)) {
            Span parent = here.tracer().spanBuilder("parent").startSpan();
            String text = TraceParent.of(parent);
            TraceParent.start(there.tracer(), text, "child", SpanKind.CONSUMER).end();

            SpanData child = spans.getFinishedSpanItems().get(0);
            assertThat(child.getParentSpanId())
                    .isEqualTo(parent.getSpanContext().getSpanId());
            assertThat(child.getTraceId()).isEqualTo(parent.getSpanContext().getTraceId());
        }
    }

    @Test
    void spanThatIsNotRecorded_costsNoByte() {
        try (Tracing none = Tracing.to(spans, "here", 0)) {
            assertThat(TraceParent.of(none.tracer().spanBuilder("frame").startSpan()))
                    .isEmpty();
        }
        assertThat(TraceParent.of(Tracing.off().tracer().spanBuilder("frame").startSpan()))
                .isEmpty();
    }

    /** The other side decides what is traced; what is recorded there is recorded here, whatever the ratio. */
    @Test
    void child_followsItsParentsSampling() {
        try (Tracing there = Tracing.to(spans, "there", 0)) {
            TraceParent.start(there.tracer(), text("01"), "child", SpanKind.INTERNAL)
                    .end();
            assertThat(spans.getFinishedSpanItems()).hasSize(1); // closing clears them
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no context", "00-00000000000000000000000000000000-bbbbbbbbbbbbbbbb-01"})
    void whatIsNoContext_isNone(String text) {
        assertThat(TraceParent.parse(text)).isEmpty();
        assertThat(TraceParent.start(Tracing.off().tracer(), text, "child", SpanKind.INTERNAL)
                        .getSpanContext()
                        .isValid())
                .isFalse();
    }

    @Test
    void contextThatIsNotRecorded_isNone() {
        assertThat(TraceParent.checked(text("00"))).isEmpty();
        assertThat(TraceParent.checked(text("01"))).contains(text("01"));
    }

    private static String text(String flags) {
        return "00-" + "a".repeat(32) + "-" + "b".repeat(16) + "-" + flags;
    }
}
