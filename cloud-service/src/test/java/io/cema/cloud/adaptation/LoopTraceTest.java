package io.cema.cloud.adaptation;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.adaptation.torch.StepReport;
import io.cema.protocol.trace.Tracing;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoopTraceTest {
    private static final String FRAME = "00-" + "a".repeat(32) + "-" + "b".repeat(16) + "-01";
    private static final StepReport STEP =
            new StepReport(1, 1, 0, 0, 0, 0, 0, 0, false, List.of(), new StepReport.Time(0, 0, 0, 0, 0, 0));

    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final LoopTrace trace =
            new LoopTrace(new LoopKey("default", "fog", "0".repeat(64)), Tracing.to(spans, "cema-cloud", 1));

    @Test
    void tracedFrame_isLinkedToTheStepAndLedToThePublication() {
        trace.learnt(STEP, List.of(FRAME), System.nanoTime());
        trace.judged(new Verdict.Wait("too few"), System.nanoTime());
        String sentDown = trace.publishing();
        trace.published("01J", new LoopStore.Publication(0, 7, "checkpoint", false));

        assertThat(spans.getFinishedSpanItems())
                .extracting(SpanData::getName)
                .containsExactly("train", "gate", "publish", "adapt");
        SpanData train = spans.getFinishedSpanItems().get(0);
        SpanData publish = spans.getFinishedSpanItems().get(2);
        assertThat(train.getLinks())
                .extracting(link -> link.getSpanContext().getTraceId())
                .containsExactly("a".repeat(32));
        assertThat(spans.getFinishedSpanItems())
                .extracting(SpanData::getTraceId)
                .containsOnly(train.getTraceId());
        assertThat(sentDown).isEqualTo("00-" + publish.getTraceId() + "-" + publish.getSpanId() + "-01");
    }

    @Test
    void stepsWithoutTracedFrames_makeNoSpan() {
        trace.learnt(STEP, List.of(), System.nanoTime());

        assertThat(trace.publishing()).isEmpty();
        assertThat(spans.getFinishedSpanItems()).isEmpty();
    }

    @Test
    void publication_endsTheTrace() {
        trace.learnt(STEP, List.of(FRAME), System.nanoTime());
        trace.publishing();
        trace.published("01J", new LoopStore.Publication(0, 7, "checkpoint", false));

        trace.learnt(STEP, List.of(), System.nanoTime());

        assertThat(trace.publishing()).isEmpty();
    }
}
