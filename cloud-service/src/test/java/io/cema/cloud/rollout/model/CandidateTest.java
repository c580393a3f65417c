package io.cema.cloud.rollout.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.rollout.model.Candidate.Found;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which devices a wave takes. */
class CandidateTest {
    private static final List<Found> DEVICES = IntStream.range(0, 50)
            .mapToObj(i -> new Found("camera-" + i, i < 7 ? Map.of("site", "north", "lens", "wide") : Map.of()))
            .toList();

    @Test
    void tenPercentOfFifty_areFive() {
        assertThat(taken(new WaveSelection.Percent(10), Candidate.ranked("R", DEVICES)))
                .hasSize(5);
    }

    @Test
    void anyShareOfThree_isAtLeastOne() {
        assertThat(taken(new WaveSelection.Percent(1), Candidate.ranked("R", DEVICES.subList(0, 3))))
                .hasSize(1);
    }

    @Test
    void allPercent_areAll() {
        assertThat(taken(new WaveSelection.Percent(100), Candidate.ranked("R", DEVICES)))
                .hasSize(50);
    }

    @Test
    void widerShare_keepsTheDevicesOfTheNarrower() {
        List<Candidate> ranked = Candidate.ranked("R", DEVICES);

        assertThat(taken(new WaveSelection.Percent(50), ranked))
                .containsAll(taken(new WaveSelection.Percent(10), ranked));
    }

    @Test
    void orderOfTheRows_changesNothing() {
        List<Found> shuffled = new ArrayList<>(DEVICES);
        Collections.shuffle(shuffled, new java.util.Random(3));

        assertThat(Candidate.ranked("R", shuffled)).isEqualTo(Candidate.ranked("R", DEVICES));
    }

    @Test
    void anotherRollout_beginsWithOtherDevices() {
        assertThat(taken(new WaveSelection.Percent(10), Candidate.ranked("R", DEVICES)))
                .isNotEqualTo(taken(new WaveSelection.Percent(10), Candidate.ranked("S", DEVICES)));
    }

    @Test
    void lateDevice_hasAPlaceOfItsOwnHash() {
        Candidate late = Candidate.late("R", DEVICES.get(3));

        assertThat(late).isEqualTo(Candidate.late("R", DEVICES.get(3)));
        assertThat(late.bucket()).isBetween(0.0, 100.0);
    }

    @Test
    void labels_mustAllHold() {
        List<Candidate> ranked = Candidate.ranked("R", DEVICES);

        assertThat(taken(new WaveSelection.Labelled(new WaveLabels("site=north, lens=wide").labels()), ranked))
                .hasSize(7);
        assertThat(taken(new WaveSelection.Labelled(new WaveLabels("site=north,lens=narrow").labels()), ranked))
                .isEmpty();
    }

    private static List<String> taken(WaveSelection selection, List<Candidate> candidates) {
        return candidates.stream()
                .filter(selection::takes)
                .map(Candidate::device)
                .toList();
    }
}
