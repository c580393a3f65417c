package io.cema.cloud.ingest;

import io.cema.protocol.message.SampleInfo;
import java.util.Optional;
import java.util.Set;

/**
 * A device as ingest knows it.
 *
 * @param cohort empty if the device is known but in no cohort
 * @param models digests of the models this cohort adapts
 */
record Sender(String device, Optional<String> cohort, Set<String> models) {
    /** Why this device's sample cannot be taken, or empty. */
    Optional<String> fault(SampleInfo info) {
        if (cohort.isEmpty()) {
            return Optional.of("device " + device + " is in no cohort; put it into one by PUT"
                    + " /api/v1/cohorts/{cohort}/devices/" + device);
        }
        if (!cohort.get().equals(info.getCohort())) {
            return Optional.of("device " + device + " is in cohort " + cohort.get() + ", the sample is for cohort '"
                    + info.getCohort() + "'");
        }
        if (!models.contains(info.getModelDigest())) {
            return Optional.of("cohort " + cohort.get() + " does not adapt model " + info.getModelDigest());
        }
        return Optional.empty();
    }
}
