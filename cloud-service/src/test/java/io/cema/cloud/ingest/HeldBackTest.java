package io.cema.cloud.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.protocol.message.UploadReason;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HeldBackTest {
    @Test
    void share_isKept() {
        HeldBack heldBack = new HeldBack(1.0 / 6);

        long held = IntStream.range(0, 60_000)
                .filter(i -> heldBack.holds("sample-" + i, UploadReason.INFORMATIVE))
                .count();

        // binomial: standard deviation 91, six of them allowed
        assertThat(held).isBetween(10_000L - 550, 10_000L + 550);
    }

    @Test
    void sameSample_isDecidedAlike() {
        assertThat(new HeldBack(0.5).holds("01J", UploadReason.INFORMATIVE))
                .isEqualTo(new HeldBack(0.5).holds("01J", UploadReason.INFORMATIVE));
    }

    @Test
    void randomSample_alwaysJudges() {
        assertThat(new HeldBack(0).holds("01J", UploadReason.RANDOM)).isTrue();
    }

    @Test
    void shareOfOne_isRefused() {
        assertThatThrownBy(() -> new HeldBack(1)).hasMessageContaining("cema.ingest.held-back-share");
    }
}
