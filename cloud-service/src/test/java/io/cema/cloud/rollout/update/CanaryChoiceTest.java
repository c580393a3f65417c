package io.cema.cloud.rollout.update;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CanaryChoiceTest {
    private static final List<String> DEVICES =
            IntStream.range(0, 50).mapToObj(i -> "cam-" + i).toList();

    @Test
    void sameCohort_hasTheSameCanaries() {
        assertThat(CanaryChoice.of("fog", DEVICES, List.of(), 5))
                .hasSize(5)
                .isEqualTo(CanaryChoice.of("fog", DEVICES, List.of(), 5));
    }

    @Test
    void otherCohort_hasOthers() {
        assertThat(CanaryChoice.of("fog", DEVICES, List.of(), 5))
                .isNotEqualTo(CanaryChoice.of("rain", DEVICES, List.of(), 5));
    }

    @Test
    void newDevices_displaceNobody() {
        Set<String> before = CanaryChoice.of("fog", DEVICES, List.of(), 5);
        List<String> more = new ArrayList<>(DEVICES);
        IntStream.range(0, 500).forEach(i -> more.add("new-" + i));

        assertThat(CanaryChoice.of("fog", more, before, 5)).isEqualTo(before);
    }

    @Test
    void canaryThatLeft_isReplacedAndTheOthersStay() {
        Set<String> before = CanaryChoice.of("fog", DEVICES, List.of(), 5);
        String gone = before.iterator().next();
        List<String> left = DEVICES.stream().filter(d -> !d.equals(gone)).toList();

        Set<String> after = CanaryChoice.of("fog", left, before, 5);

        assertThat(after).hasSize(5).doesNotContain(gone);
        assertThat(before).filteredOn(d -> !d.equals(gone)).allMatch(after::contains);
    }
}
