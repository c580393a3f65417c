package io.cema.edge.update;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.protocol.message.AffineUpdate;
import io.cema.protocol.trace.Tracing;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpdateTraceTest {
    private static final String VERSION = "01J00000000000000000000001";
    private static final String TRACE = "a".repeat(32);
    private static final String PUBLISH = "b".repeat(16);

    @TempDir
    Path data;

    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    /** Not closed: that clears the spans. */
    private final Tracing tracing = Tracing.to(spans, "cema-edge", 1);

    @Test
    void tracedUpdate_isFollowedToTheSwap() throws IOException {
        process("00-" + TRACE + "-" + PUBLISH + "-01");

        assertThat(spans.getFinishedSpanItems())
                .extracting(SpanData::getName)
                .containsExactly("fold", "shadow", "swap", "update");
        assertThat(spans.getFinishedSpanItems())
                .extracting(SpanData::getTraceId)
                .containsOnly(TRACE);
        SpanData update = spans.getFinishedSpanItems().get(3);
        assertThat(update.getParentSpanId()).isEqualTo(PUBLISH);
        assertThat(update.getAttributes().asMap().values()).contains(VERSION, "Applied");
        assertThat(spans.getFinishedSpanItems().subList(0, 3))
                .extracting(SpanData::getParentSpanId)
                .containsOnly(update.getSpanId());
    }

    @Test
    void untracedUpdate_makesNoSpan_evenIfAllFramesAreTraced() throws IOException {
        process("");

        assertThat(spans.getFinishedSpanItems()).isEmpty();
    }

    private void process(String traceParent) throws IOException {
        UpdateFixture fixture = new UpdateFixture(data);
        AffineUpdate.Builder update = fixture.update(VERSION, 1).setTraceParent(traceParent);
        fixture.start(tracing).process(fixture.topic, fixture.signed(update));
    }
}
