package io.cema.cloud.alarm;

import java.time.Instant;
import java.util.Optional;

/**
 * Which alarms are asked for.
 *
 * @param state RAISED, ACKNOWLEDGED, CLEARED, OPEN (not cleared) or ANY
 * @param since raised not before
 */
record AlarmQuery(
        String state,
        Optional<AlarmType> type,
        Optional<String> signal,
        Optional<String> cohort,
        Optional<String> device,
        Optional<Instant> since,
        String sort) {}
