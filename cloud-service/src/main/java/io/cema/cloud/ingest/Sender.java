package io.cema.cloud.ingest;

import io.cema.protocol.message.SampleInfo;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A device as ingest knows it.
 *
 * @param slots its cohorts, empty if the device is known but in none, each with the digests of the models it adapts
 */
record Sender(String device, Map<String, Set<String>> slots) {
    /** Why this device's sample cannot be taken, or empty. */
    Optional<String> fault(SampleInfo info) {
        if (slots.isEmpty()) {
            return Optional.of("device " + device + " is in no cohort; put it into one by PUT"
                    + " /api/v1/cohorts/{cohort}/devices/" + device);
        }
        Set<String> models = slots.get(info.getCohort());
        if (models == null) {
            return Optional.of("device " + device + " is in cohort " + String.join(", ", slots.keySet())
                    + ", the sample is for cohort '" + info.getCohort() + "'");
        }
        if (!models.contains(info.getModelDigest())) {
            return Optional.of("cohort " + info.getCohort() + " does not adapt model " + info.getModelDigest());
        }
        return Optional.empty();
    }
}
