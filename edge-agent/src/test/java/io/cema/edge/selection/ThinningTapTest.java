package io.cema.edge.selection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ThinningTapTest {
    private static final int CLASSES = 10;

    @Test
    void open_classThatComesLate_hasThreeQuartersOfItsShare() {
        ThinningTap tap = new ThinningTap(16, Integer.MAX_VALUE, CLASSES);
        assertThat(passed(tap, 4096, 1)).isEqualTo(96);
        int late = 0;

        for (int i = 0; i < 100; i++) {
            tap.tick();
            if (tap.open(3, 1)) {
                tap.take(3);
                late++;
            }
        }

        assertThat(late).isEqualTo(7);
    }

    @Test
    void open_moreClassesThanFrames_noneHasAShare() {
        ThinningTap tap = new ThinningTap(16, Integer.MAX_VALUE, 1000);
        passed(tap, 4096, 1);

        tap.tick();

        assertThat(tap.open(3, 1)).isFalse();
    }

    @Test
    void open_oneDomain_letsAllOfABurstThroughAndAsManyForEachDoubling() {
        ThinningTap tap = new ThinningTap(16, Integer.MAX_VALUE, CLASSES);

        assertThat(passed(tap, 16, 1)).isEqualTo(16);
        assertThat(passed(tap, 16, 1)).isEqualTo(16);
        assertThat(passed(tap, 32, 1)).isEqualTo(16);
        assertThat(passed(tap, 64, 1)).isEqualTo(16);
    }

    @Test
    void open_oneDomainAfterFiveDoublings_letsNoMoreThrough() {
        ThinningTap tap = new ThinningTap(16, Integer.MAX_VALUE, CLASSES);

        assertThat(passed(tap, 512, 1)).isEqualTo(96);
        assertThat(passed(tap, 100_000, 1)).isZero();
    }

    @Test
    void open_severalDomains_goesOnBeyondFiveDoublings() {
        ThinningTap tap = new ThinningTap(16, Integer.MAX_VALUE, CLASSES);

        passed(tap, 1024, 2);

        assertThat(passed(tap, 1024, 2)).isEqualTo(32);
    }

    @Test
    void open_threeDomains_letsThreeTimesAsManyThrough() {
        for (int age : new int[] {256, 512}) {
            int one = passed(new ThinningTap(16, Integer.MAX_VALUE, CLASSES), age, 1);

            assertThat(passed(new ThinningTap(16, Integer.MAX_VALUE, CLASSES), age, 3))
                    .isEqualTo(3 * one);
        }
    }

    @Test
    void open_threeDomainsAtTheBeginning_isOpenForEveryFrame() {
        assertThat(passed(new ThinningTap(16, Integer.MAX_VALUE, CLASSES), 128, 3))
                .isEqualTo(128);
    }

    @Test
    void open_closedByItsQuota_isOpenAtTheSlowestInterval() {
        ThinningTap tap = new ThinningTap(1, 64, CLASSES);
        passed(tap, 1 << 20, 1);

        assertThat(passed(tap, 640, 1)).isEqualTo(10);
        assertThat(passed(tap, 640, 3))
                .as("behind its quota of three, not its interval")
                .isEqualTo(10);
    }

    @Test
    void open_noBurst_neverOpens() {
        assertThat(passed(new ThinningTap(0, 1, CLASSES), 100, 8)).isZero();
    }

    @Test
    void restart_letsABurstThroughAgain() {
        ThinningTap tap = new ThinningTap(16, Integer.MAX_VALUE, CLASSES);
        passed(tap, 1024, 3);

        tap.restart();

        assertThat(passed(tap, 16, 1)).isEqualTo(16);
    }

    private static int passed(ThinningTap tap, int frames, int domains) {
        int passed = 0;
        for (int i = 0; i < frames; i++) {
            tap.tick();
            if (tap.open(0, domains)) {
                tap.take(0);
                passed++;
            }
        }
        return passed;
    }
}
