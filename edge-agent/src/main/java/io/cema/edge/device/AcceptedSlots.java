package io.cema.edge.device;

import io.cema.protocol.message.Slot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which slots of a desired state can be served side by side.
 *
 * @param slots those that can, in the order of the desired state
 * @param refused why the others cannot
 */
record AcceptedSlots(List<Slot> slots, Map<Slot, String> refused) {
    /** @param most that are served */
    static AcceptedSlots of(List<Slot> wished, int most) {
        List<Slot> slots = new ArrayList<>();
        Map<Slot, String> refused = new LinkedHashMap<>();
        for (Slot slot : wished) {
            clash(slot, slots, most).ifPresentOrElse(reason -> refused.put(slot, reason), () -> slots.add(slot));
        }
        return new AcceptedSlots(List.copyOf(slots), refused);
    }

    private static Optional<String> clash(Slot slot, List<Slot> accepted, int most) {
        if (accepted.size() >= most) {
            return Optional.of("this agent serves at most " + most + " models (cema.inference.max-models)");
        }
        return accepted.stream()
                .filter(other -> other.getCohort().equals(slot.getCohort())
                        || other.getModelDigest().equals(slot.getModelDigest()))
                .findFirst()
                .map(other -> "cohort " + other.getCohort() + " has a slot of this cohort or with this model already");
    }
}
