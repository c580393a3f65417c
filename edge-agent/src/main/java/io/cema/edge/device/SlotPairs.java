package io.cema.edge.device;

import io.cema.protocol.message.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * Which of the slots that are there goes on as which of those wished: the one of the same cohort; else the one with the
 * same model, which moved to another cohort and serves on meanwhile; else any that nobody wishes any more, whose model
 * serves until the new one is there.
 */
final class SlotPairs {
    private SlotPairs() {}

    /** @return for each wished slot the present one that becomes it, empty where a new one is needed */
    static <T> List<Optional<T>> of(List<Slot> wished, List<T> present, Function<T, Slot> slotOf) {
        List<T> free = new ArrayList<>(present);
        List<Optional<T>> pairs =
                new ArrayList<>(wished.stream().map(slot -> Optional.<T>empty()).toList());
        List<BiPredicate<Slot, Slot>> rules = List.of(
                (a, b) -> a.getCohort().equals(b.getCohort()),
                (a, b) -> a.getModelDigest().equals(b.getModelDigest()),
                (a, b) -> true);
        for (BiPredicate<Slot, Slot> rule : rules) {
            for (int i = 0; i < wished.size(); i++) {
                Slot slot = wished.get(i);
                if (pairs.get(i).isEmpty()) {
                    pairs.set(
                            i,
                            free.stream()
                                    .filter(t -> rule.test(slot, slotOf.apply(t)))
                                    .findFirst());
                    pairs.get(i).ifPresent(free::remove);
                }
            }
        }
        return pairs;
    }
}
