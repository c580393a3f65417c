package io.cema.cloud.drift;

import io.cema.cloud.alarm.AlarmSubject;
import io.cema.cloud.alarm.AlarmType;
import java.util.Optional;

/** Names a stream: a signal of a device in a cohort, or of the cohort as a whole. */
record StreamKey(String cohort, Optional<String> device, Signal signal) {
    AlarmSubject alarm() {
        return device.map(d -> AlarmSubject.device(AlarmType.DRIFT, d, cohort))
                .orElseGet(() -> AlarmSubject.cohort(AlarmType.DRIFT, cohort))
                .in(signal.name());
    }
}
