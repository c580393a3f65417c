package io.cema.cloud.adaptation;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.adaptation.torch.Visit;
import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.message.UploadReason;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReplayBufferTest {
    private static final List<Visit> ALL = List.of(Visit.since(0));

    private final ReplayBuffer replay = new ReplayBuffer(10);

    @Test
    void add_beyondCapacity_dropsTheOldest() {
        fill(1, 15);

        assertThat(ordinals(replay.draw(100, ALL, new SplittableRandom(1))))
                .containsExactlyInAnyOrder(6L, 7L, 8L, 9L, 10L, 11L, 12L, 13L, 14L, 15L);
    }

    @Test
    void draw_givesDifferentSamples() {
        fill(1, 10);

        assertThat(ordinals(replay.draw(7, ALL, new SplittableRandom(2))))
                .hasSize(7)
                .doesNotHaveDuplicates();
    }

    @Test
    void draw_ofADomain_givesWhatItsVisitsBrought() {
        fill(1, 10);
        List<Visit> visits = List.of(new Visit(2, 4), Visit.since(8));

        assertThat(ordinals(replay.of(visits))).containsExactly(10L, 9L, 8L, 3L, 2L);
        assertThat(ordinals(replay.draw(100, visits, new SplittableRandom(3))))
                .containsExactlyInAnyOrder(2L, 3L, 8L, 9L, 10L);
    }

    private void fill(int from, int to) {
        for (int i = from; i <= to; i++) {
            replay.add(new StoredSample(i, "artefact" + i, ImageFormat.PNG, UploadReason.INFORMATIVE, 0, ""));
        }
    }

    private static List<Long> ordinals(List<StoredSample> samples) {
        return samples.stream().map(StoredSample::ordinal).toList();
    }
}
