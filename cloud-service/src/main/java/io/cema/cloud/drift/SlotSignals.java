package io.cema.cloud.drift;

import io.cema.protocol.message.Histogram;
import io.cema.protocol.message.SlotTelemetry;
import io.cema.protocol.message.Telemetry;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What telemetry says of one slot.
 *
 * @param cohort empty: the device's own, by an agent that knows of no slots
 * @param modelDigest empty: by such an agent
 */
record SlotSignals(Optional<String> cohort, Optional<String> modelDigest, Map<Signal, Counted> signals) {
    /** Of more classes than that, neighbours share a cell: a shift of the answers shows in groups of classes as well. */
    private static final int MOST_CELLS = 64;

    static List<SlotSignals> of(Telemetry telemetry) {
        List<SlotSignals> all = new ArrayList<>();
        if (telemetry.getSlotsCount() == 0) {
            all.add(new SlotSignals(
                    Optional.empty(),
                    Optional.empty(),
                    signals(
                            telemetry.getStartId(),
                            telemetry.getUpdatesApplied(),
                            telemetry.getEntropy(),
                            telemetry.getClassesList())));
        }
        for (SlotTelemetry slot : telemetry.getSlotsList()) {
            all.add(new SlotSignals(
                    Optional.of(slot.getCohort()),
                    Optional.of(slot.getModelDigest()),
                    signals(
                            telemetry.getStartId(),
                            slot.getUpdatesApplied(),
                            slot.getEntropy(),
                            slot.getClassesList())));
        }
        return all;
    }

    private static Map<Signal, Counted> signals(String start, long applied, Histogram entropy, List<Long> classes) {
        Map<Signal, Counted> signals = new EnumMap<>(Signal.class);
        if (entropy.getCountsCount() > 1) {
            signals.put(Signal.ENTROPY, counted(start, applied, entropy.getCountsList(), entropy.getCountsCount()));
        }
        if (classes.size() > 1) {
            signals.put(Signal.CLASSES, counted(start, applied, classes, Math.min(MOST_CELLS, classes.size())));
        }
        return signals;
    }

    private static Counted counted(String start, long applied, List<Long> counts, int cells) {
        long[] sums = new long[cells];
        for (int i = 0; i < counts.size(); i++) {
            sums[(int) ((long) i * cells / counts.size())] += Math.max(0, counts.get(i));
        }
        return new Counted(start, applied, sums);
    }
}
