package io.cema.edge.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.edge.inference.Prediction;
import io.cema.edge.update.ModelOrigin;
import io.cema.edge.update.UpdateRevision;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FrameCollectorTest {
    private static final Prediction PREDICTION = Prediction.fromLogits(new float[] {0, 1, 0});
    private static final ModelOrigin BASE = ModelOrigin.base("fog-east", "stable");
    private static final ModelOrigin UPDATED =
            new ModelOrigin("fog-east", "stable", "01JD0000000000000000000000", new UpdateRevision(1, 1), 1);

    private final FrameCollector collector = new FrameCollector(new StatisticsSettings(32, Duration.ofSeconds(1)));

    @Test
    void add_framesOfOneSecondsTime_areTakenOneASecond() {
        Optional<FrameBatch> batch = Optional.empty();
        int frames = 0;
        for (; batch.isEmpty(); frames++) {
            batch = collector.add("m", BASE, new float[] {frames}, PREDICTION, frames * 100_000_000L);
        }

        assertThat(frames).isEqualTo(31 * 10 + 1);
        assertThat(batch.get().inputs()).hasSize(32);
        assertThat(batch.get().joined()).startsWith(0, 10, 20);
    }

    @Test
    void add_anotherUpdateInBetween_beginsAnew() {
        add(BASE, 0, 31);

        assertThat(add(UPDATED, 31, 31)).isEmpty();
        assertThat(add(UPDATED, 62, 1)).get().extracting(FrameBatch::origin).isEqualTo(UPDATED);
    }

    @Test
    void add_afterAFullBatch_beginsAnew() {
        assertThat(add(BASE, 0, 32)).isPresent();
        assertThat(add(BASE, 32, 31)).isEmpty();
    }

    @Test
    void settings_fewFrames_areRefused() {
        assertThatThrownBy(() -> new StatisticsSettings(31, Duration.ZERO))
                .hasMessageContaining("cema.uplink.statistics-frames")
                .hasMessageContaining("at least 32");
    }

    private Optional<FrameBatch> add(ModelOrigin origin, int second, int frames) {
        Optional<FrameBatch> batch = Optional.empty();
        for (int i = 0; i < frames; i++) {
            batch = collector.add("m", origin, new float[1], PREDICTION, (second + i) * 1_000_000_000L);
        }
        return batch;
    }
}
