package io.cema.edge.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.protocol.message.Slot;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class SlotPairsTest {
    @Test
    void sameCohort_goesOn_whateverTheOrder() {
        Slot east = slot("east", "m1");
        Slot west = slot("west", "m2");

        assertThat(SlotPairs.of(List.of(west, east), List.of(east, west), Function.identity()))
                .extracting(pair -> pair.orElse(null))
                .containsExactly(west, east);
    }

    @Test
    void sameModelInAnotherCohort_goesOn_beforeAnyOther() {
        Slot east = slot("east", "m1");
        Slot west = slot("west", "m2");

        assertThat(SlotPairs.of(
                        List.of(slot("north", "m3"), slot("south", "m2")), List.of(east, west), Function.identity()))
                .extracting(pair -> pair.orElse(null))
                .containsExactly(east, west);
    }

    @Test
    void furtherSlot_isNew() {
        Slot east = slot("east", "m1");

        assertThat(SlotPairs.of(List.of(slot("west", "m2"), east), List.of(east), Function.identity()))
                .extracting(pair -> pair.orElse(null))
                .containsExactly(null, east);
    }

    private static Slot slot(String cohort, String model) {
        return Slot.newBuilder().setCohort(cohort).setModelDigest(model).build();
    }
}
