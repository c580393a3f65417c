package io.cema.cloud.alarm;

import java.util.Optional;

/**
 * What an alarm is about; there is one open alarm for each.
 *
 * @param signal of drift: in what; else empty
 * @param path below {@code /api/v1}
 */
public record AlarmSubject(
        AlarmType type, String signal, String path, Optional<String> cohort, Optional<String> device) {
    public static AlarmSubject cohort(AlarmType type, String cohort) {
        return new AlarmSubject(type, "", "cohorts/" + cohort, Optional.of(cohort), Optional.empty());
    }

    public static AlarmSubject device(AlarmType type, String device, String cohort) {
        return new AlarmSubject(type, "", "devices/" + device, Optional.of(cohort), Optional.of(device));
    }

    /** A thing that has neither cohort nor device. */
    public static AlarmSubject thing(AlarmType type, String path) {
        return new AlarmSubject(type, "", path, Optional.empty(), Optional.empty());
    }

    public AlarmSubject in(String newSignal) {
        return new AlarmSubject(type, newSignal, path, cohort, device);
    }
}
