package io.cema.cloud.rollout.model;

/**
 * What is known of a running wave. Devices count from the first wave on: an earlier wave's device that fails late counts.
 *
 * @param devices that are meant to have the model
 * @param applied of them, those that have it
 * @param failed of them, those that could not take it or left it
 * @param health of the model against the one before
 */
record WaveEvidence(long devices, long applied, long failed, ModelHealth health) {
    /** 0 where there are no devices: a share of nothing meets no condition. */
    double appliedShare() {
        return devices == 0 ? 0 : (double) applied / devices;
    }

    double failedShare() {
        return devices == 0 ? 0 : (double) failed / devices;
    }
}
