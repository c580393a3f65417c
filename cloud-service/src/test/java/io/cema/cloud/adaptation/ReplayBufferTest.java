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

    private static final DeviceShare ANY = new DeviceShare(0.25, 1);

    private final ReplayBuffer replay = new ReplayBuffer(10);

    @Test
    void add_beyondCapacity_dropsTheOldest() {
        fill(1, 15);

        assertThat(ordinals(replay.draw(100, ALL, ANY, new SplittableRandom(1))))
                .containsExactlyInAnyOrder(6L, 7L, 8L, 9L, 10L, 11L, 12L, 13L, 14L, 15L);
    }

    @Test
    void draw_givesDifferentSamples() {
        fill(1, 10);

        assertThat(ordinals(replay.draw(7, ALL, ANY, new SplittableRandom(2))))
                .hasSize(7)
                .doesNotHaveDuplicates();
    }

    @Test
    void draw_ofADomain_givesWhatItsVisitsBrought() {
        fill(1, 10);
        List<Visit> visits = List.of(new Visit(2, 4), Visit.since(8));

        assertThat(ordinals(replay.of(visits))).containsExactly(10L, 9L, 8L, 3L, 2L);
        assertThat(ordinals(replay.draw(100, visits, ANY, new SplittableRandom(3))))
                .containsExactlyInAnyOrder(2L, 3L, 8L, 9L, 10L);
    }

    @Test
    void draw_givesNoDeviceMoreThanItsShare() {
        ReplayBuffer large = new ReplayBuffer(1000);
        for (int i = 0; i < 1000; i++) {
            large.add(upload(i, i < 990 ? "flooder" : "quiet-" + i % 5));
        }

        List<StoredSample> drawn = large.draw(12, ALL, new DeviceShare(0.25, 6), new SplittableRandom(4));

        assertThat(drawn).hasSize(12).doesNotHaveDuplicates();
        assertThat(drawn).filteredOn(s -> s.device().equals("flooder")).hasSize(3);
    }

    @Test
    void draw_withTheSameSeed_givesTheSame() {
        fill(1, 10);
        DeviceShare share = new DeviceShare(0.5, 2);

        assertThat(replay.draw(5, ALL, share, new SplittableRandom(5)))
                .isEqualTo(replay.draw(5, ALL, share, new SplittableRandom(5)));
    }

    private void fill(int from, int to) {
        for (int i = from; i <= to; i++) {
            replay.add(upload(i, "device"));
        }
    }

    private static StoredSample upload(int i, String device) {
        return new StoredSample(i, device, "artefact" + i, ImageFormat.PNG, UploadReason.INFORMATIVE, 0, "");
    }

    private static List<Long> ordinals(List<StoredSample> samples) {
        return samples.stream().map(StoredSample::ordinal).toList();
    }
}
