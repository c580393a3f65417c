package io.cema.cloud.rollout.model;

import java.util.Map;
import java.util.Set;

/** Which devices a wave takes. A device belongs to the first wave that takes it. */
sealed interface WaveSelection {
    boolean takes(Candidate candidate);

    /** Of all devices, those of earlier waves among them; above 0, at most 100. */
    record Percent(double percent) implements WaveSelection {
        static final double ALL = 100;

        @Override
        public boolean takes(Candidate candidate) {
            return candidate.bucket() < percent;
        }
    }

    /** These devices. */
    record Listed(Set<String> devices) implements WaveSelection {
        @Override
        public boolean takes(Candidate candidate) {
            return devices.contains(candidate.device());
        }
    }

    /** Devices that have every one of these labels when they get their place. */
    record Labelled(Map<String, String> labels) implements WaveSelection {
        @Override
        public boolean takes(Candidate candidate) {
            return candidate.labels().entrySet().containsAll(labels.entrySet());
        }
    }
}
