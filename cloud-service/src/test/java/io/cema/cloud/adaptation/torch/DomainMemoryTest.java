package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.protocol.image.FeatureSummary;
import io.cema.protocol.image.ImageFeatures;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DomainMemoryTest {
    private static final int IMAGES = 16;
    private static final int[] ALL_CLASSES = {4, 4, 4, 4};
    private static final int[] ONE_CLASS = {0, 16, 0, 0};

    private final DomainMemory memory = new DomainMemory(Calibration.defaults());
    private Boolean sameMixture = false;
    private long ordinal;

    @Test
    void see_anotherLookAfterALongTime_isANewDomain() {
        see(0, 10);

        assertThat(see(0.8, 1)).isEqualTo(DomainChange.NEW);
    }

    @Test
    void see_looksThatKeepComingAndGoing_areContentsAndNoDomains() {
        see(0, 1);
        assertThat(see(0.9, 1)).isEqualTo(DomainChange.NEW);
        assertThat(see(1.8, 1)).isEqualTo(DomainChange.NEW);
        assertThat(see(2.7, 1)).isEqualTo(DomainChange.NONE);
        assertThat(see(1.8, 1)).isEqualTo(DomainChange.NONE);
    }

    @Test
    void see_nothingNewForLong_makesItAttentiveAgain() {
        see(0, 1);
        see(0.9, 1);
        see(1.8, 1);
        see(1.8, 60);

        assertThat(see(2.7, 1)).isEqualTo(DomainChange.NEW);
    }

    @Test
    void see_anotherLookOfOneClass_isContentsUnlessItIsFarAway() {
        see(0, 10);

        assertThat(see(0.8, 1, ONE_CLASS)).isEqualTo(DomainChange.NONE);
        assertThat(see(2, 1, ONE_CLASS)).isEqualTo(DomainChange.NEW);
    }

    @Test
    void see_aLookThatOneBatchLeavesInDoubt_isANewDomainByTheSecond() {
        see(0, 10);

        assertThat(see(0.62, 1)).isEqualTo(DomainChange.NONE);
        assertThat(see(0.62, 1)).isEqualTo(DomainChange.NEW);
        assertThat(memory.visits()).containsExactly(Visit.since(176));
    }

    @Test
    void see_aFarLookOfTheSameMixture_isNoOtherDomain() {
        see(0, 10);
        sameMixture = true;

        assertThat(see(2, 1)).isEqualTo(DomainChange.NONE);

        sameMixture = false;
        assertThat(see(2, 1)).isEqualTo(DomainChange.NEW);
        assertThat(memory.visits()).containsExactly(Visit.since(ordinal));
    }

    @Test
    void see_aLookLikeThoseBefore_needsNoSecondLook() {
        sameMixture = null;

        assertThat(see(0, 10)).isEqualTo(DomainChange.NONE);
    }

    /** Looks whose features scatter by 1 around this mean. */
    private DomainChange see(double mean, int times) {
        return see(mean, times, ALL_CLASSES);
    }

    private DomainChange see(double mean, int times, int[] counts) {
        DomainChange change = DomainChange.NONE;
        for (int i = 0; i < times; i++) {
            double[] means = new double[ImageFeatures.COUNT];
            double[] variances = new double[ImageFeatures.COUNT];
            Arrays.fill(means, mean);
            Arrays.fill(variances, 1);
            ordinal += IMAGES;
            DomainMemory.Batch batch =
                    new DomainMemory.Batch(new FeatureSummary(IMAGES, means, variances), counts, ordinal);
            change = memory.see(batch, () -> sameMixture, () -> new byte[0]).change();
        }
        return change;
    }
}
