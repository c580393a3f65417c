package io.cema.cloud.adaptation;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.message.UploadReason;
import java.util.List;
import org.junit.jupiter.api.Test;

class BalancedWindowTest {
    private static final int CAPACITY = 20;

    private final BalancedWindow window = new BalancedWindow(4);
    private DeviceShare share = new DeviceShare(0.25, 1);
    private String device = "one";
    private long ordinal;

    @Test
    void add_allOfOneClass_keepsTheNewestOfTwiceItsShare() {
        add(1, 50);

        assertThat(window.uploads())
                .extracting(StoredSample::ordinal)
                .containsExactly(41L, 42L, 43L, 44L, 45L, 46L, 47L, 48L, 49L, 50L);
    }

    @Test
    void add_aRunOfOneClass_leavesTheOthersIn() {
        add(1, 5);
        add(2, 5);
        add(3, 500);

        assertThat(window.uploads()).filteredOn(s -> s.predictedClass() == 1).hasSize(5);
        assertThat(window.uploads()).filteredOn(s -> s.predictedClass() == 2).hasSize(5);
        assertThat(window.uploads()).filteredOn(s -> s.predictedClass() == 3).hasSize(10);
    }

    @Test
    void add_moreThanFit_dropsTheOldest() {
        for (int i = 0; i < 100; i++) {
            add(i % 4, 1);
        }

        assertThat(window.uploads()).hasSize(CAPACITY);
        assertThat(window.uploads().get(0).ordinal()).isEqualTo(81);
    }

    @Test
    void add_aFloodByOneDevice_leavesTheOthersIn() {
        share = new DeviceShare(0.25, 4);
        for (String quiet : List.of("a", "b", "c")) {
            device = quiet;
            for (int i = 0; i < 4; i++) {
                add(i, 1);
            }
        }
        device = "flooder";
        for (int i = 0; i < 400; i++) {
            add(i % 4, 1);
        }

        assertThat(window.uploads())
                .filteredOn(s -> s.device().equals("flooder"))
                .hasSize(5);
        assertThat(window.uploads()).hasSize(17);
    }

    private void add(int predictedClass, int count) {
        for (int i = 0; i < count; i++) {
            window.add(
                    new StoredSample(
                            ++ordinal,
                            device,
                            "artefact",
                            ImageFormat.PNG,
                            UploadReason.STATISTICS,
                            predictedClass,
                            ""),
                    CAPACITY,
                    share);
        }
    }
}
