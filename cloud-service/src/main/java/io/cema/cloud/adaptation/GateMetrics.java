package io.cema.cloud.adaptation;

/**
 * The numbers behind a verdict; shares in [0, 1], entropies in nats.
 *
 * @param images judged on
 * @param randomImages of these drawn at random past the selection
 * @param changed images whose predicted class differs between candidate and live
 * @param saturated largest share of saturated activations, 0 for a model that is not quantised
 */
public record GateMetrics(
        int images,
        int randomImages,
        int changed,
        double candidateAgreement,
        double liveAgreement,
        double candidateFrozenAgreement,
        double liveFrozenAgreement,
        double candidateEntropy,
        double liveEntropy,
        double candidateTopShare,
        double liveTopShare,
        double teacherTopShare,
        double frozenTopShare,
        double saturated) {}
