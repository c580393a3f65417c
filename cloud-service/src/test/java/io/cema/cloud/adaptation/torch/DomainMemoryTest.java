package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.protocol.image.FeatureSummary;
import io.cema.protocol.image.ImageFeatures;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DomainMemoryTest {
    private static final int IMAGES = 16;

    private final DomainMemory memory = new DomainMemory(Calibration.defaults());
    private long ordinal;

    @Test
    void see_anotherLookAfterALongTime_isANewDomain() {
        see(0, 10);

        assertThat(see(0.8, 1)).isEqualTo(DomainChange.NEW);
    }

    @Test
    void see_looksThatKeepComingAndGoing_areContentsAndNoDomains() {
        see(0, 1);
        assertThat(see(0.8, 1)).isEqualTo(DomainChange.NEW);
        assertThat(see(1.6, 1)).isEqualTo(DomainChange.NEW);
        assertThat(see(2.4, 1)).isEqualTo(DomainChange.NONE);
        assertThat(see(1.6, 1)).isEqualTo(DomainChange.NONE);
    }

    @Test
    void see_nothingNewForLong_makesItAttentiveAgain() {
        see(0, 1);
        see(0.8, 1);
        see(1.6, 1);
        see(1.6, 60);

        assertThat(see(2.4, 1)).isEqualTo(DomainChange.NEW);
    }

    /** Looks whose features scatter by 1 around this mean. */
    private DomainChange see(double mean, int times) {
        DomainChange change = DomainChange.NONE;
        for (int i = 0; i < times; i++) {
            double[] means = new double[ImageFeatures.COUNT];
            double[] variances = new double[ImageFeatures.COUNT];
            Arrays.fill(means, mean);
            Arrays.fill(variances, 1);
            ordinal += IMAGES;
            change = memory.see(new FeatureSummary(IMAGES, means, variances), ordinal, () -> new byte[0])
                    .change();
        }
        return change;
    }
}
