package io.cema.cli;

import io.cema.client.model.Device;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One model of a device: what it is to run, and what it says that it runs.
 *
 * @param own whether it is that of the device's own cohort, which lists and selectors decide
 * @param model digest; null while the device reports none
 * @param version of the update in use, {@code base} without one; null while the device reports no model
 * @param engine that runs it; null while the device reports none
 */
record DeviceSlot(String cohort, boolean own, String model, String version, String engine) {
    /** In the order of the device's resource: its own cohort first. */
    static List<DeviceSlot> of(Device device) {
        return device.getSlots().stream()
                .map(cohort -> {
                    Optional<Map<?, ?>> said = reported(device, cohort);
                    return new DeviceSlot(
                            cohort,
                            cohort.equals(device.getCohort()),
                            said.map(slot -> text(slot, "modelDigest")).orElse(null),
                            said.map(slot -> text(slot, "updateVersion"))
                                    .map(version -> version.isEmpty() ? "base" : version)
                                    .orElse(null),
                            said.map(slot -> text(slot, "engine")).orElse(null));
                })
                .toList();
    }

    private static Optional<Map<?, ?>> reported(Device device, String cohort) {
        if (device.getReported() == null || !(device.getReported().get("slots") instanceof List<?> slots)) {
            return Optional.empty();
        }
        for (Object slot : slots) {
            if (slot instanceof Map<?, ?> fields && cohort.equals(fields.get("cohort"))) {
                return Optional.of(fields);
            }
        }
        return Optional.empty();
    }

    private static String text(Map<?, ?> slot, String field) {
        return slot.get(field) instanceof String text ? text : "";
    }
}
