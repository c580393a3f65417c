package io.cema.cloud.adaptation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Candidates are written as the device they come from. */
class DeviceShareTest {
    private static final double QUARTER = 0.25;

    @Test
    void choose_aFloodByOneDevice_givesItAQuarter() {
        List<String> candidates = new ArrayList<>();
        candidates.addAll(copies("flooder", 500));
        List.of("a", "b", "c", "d").forEach(quiet -> candidates.addAll(copies(quiet, 20)));

        Map<String, Long> chosen = chosen(candidates, 5, 32);

        assertThat(chosen).containsEntry("flooder", 8L);
        assertThat(chosen.values().stream().mapToLong(n -> n).sum()).isEqualTo(32);
    }

    @Test
    void choose_aFloodByOneDeviceAndLittleElse_givesASmallerBatch() {
        List<String> candidates = new ArrayList<>(copies("flooder", 500));
        candidates.addAll(List.of("a", "b", "c", "a", "b", "c"));

        assertThat(chosen(candidates, 4, 32)).isEqualTo(Map.of("flooder", 3L, "a", 2L, "b", 2L, "c", 2L));
    }

    @Test
    void choose_evenDevices_leavesNothingOut() {
        List<String> candidates = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            candidates.addAll(List.of("a", "b", "c", "d"));
        }

        assertThat(new DeviceShare(QUARTER, 4).choose(candidates, Function.identity(), 32))
                .isEqualTo(candidates);
    }

    @Test
    void choose_inASmallCohort_isNotCapped() {
        List<String> candidates = new ArrayList<>(copies("flooder", 100));
        candidates.addAll(copies("quiet", 3));

        assertThat(chosen(candidates, 3, 32)).isEqualTo(Map.of("flooder", 32L));
    }

    @Property
    void choose_neverGivesADeviceMoreThanItsShare(
            @ForAll @Size(max = 60) List<@IntRange(max = 7) Integer> candidates,
            @ForAll @IntRange(min = 1, max = 40) int most) {
        DeviceShare share = new DeviceShare(QUARTER, 8);

        List<Integer> chosen = share.choose(candidates, d -> "d" + d, most);

        assertThat(chosen).hasSizeLessThanOrEqualTo(most);
        chosen.stream()
                .collect(Collectors.groupingBy(d -> d, Collectors.counting()))
                .forEach((device, count) ->
                        assertThat(count).isLessThanOrEqualTo((long) Math.ceil(QUARTER * chosen.size())));
    }

    private static Map<String, Long> chosen(List<String> candidates, int active, int most) {
        return new DeviceShare(QUARTER, active)
                .choose(candidates, Function.identity(), most).stream()
                        .collect(Collectors.groupingBy(d -> d, Collectors.counting()));
    }

    private static List<String> copies(String device, int count) {
        return java.util.Collections.nCopies(count, device);
    }
}
