package io.cema.cloud.alarm;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What can be wrong. */
public enum AlarmType {
    /** What a device or cohort sees or answers is not what it was; {@code signal} says in what. Clears by its return. */
    DRIFT(Severity.WARNING),
    /** Devices of a cohort are away for long. Clears when all are back. */
    DEVICES_AWAY(Severity.WARNING),
    /** Canaries were worse under an update. Clears with the next one that is promoted. */
    UPDATE_REVOKED(Severity.WARNING),
    /** Something drifts, and the gate refuses one update after the other. Clears with the next one that it lets pass. */
    UPDATES_REFUSED(Severity.WARNING),
    /** A rollout of a model was stopped by its conditions. Cleared by an operator. */
    ROLLOUT_STOPPED(Severity.CRITICAL),
    /** A device is unlike its cohort and was set apart. Clears when it is decided on. */
    DEVICE_QUARANTINED(Severity.WARNING),
    /** A webhook did not take a delivery for so long that it was given up. Clears with the next one that it takes. */
    WEBHOOK_FAILING(Severity.CRITICAL);

    private final Severity severity;

    AlarmType(Severity severity) {
        this.severity = severity;
    }

    Severity severity() {
        return severity;
    }

    /** How bad. */
    @Schema(name = "AlarmSeverity")
    enum Severity {
        WARNING,
        CRITICAL
    }
}
