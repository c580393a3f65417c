package io.cema.cloud.adaptation;

/**
 * A device's report of statistics. The arrays belong to the record.
 *
 * @param ordinal order of becoming durable
 * @param frames it is of
 * @param prior the source's share behind which was measured
 * @param statistics StatisticsCodec bytes
 * @param meanEntropy of what the device answered with the update in use, nats
 * @param information between frame and answer, likewise
 * @param classes its answers, by class
 * @param renormalisedEntropy of the registered model behind these statistics; the two below likewise
 */
public record StoredReport(
        long ordinal,
        String device,
        int frames,
        float prior,
        byte[] statistics,
        float meanEntropy,
        float information,
        int[] classes,
        float renormalisedEntropy,
        float renormalisedInformation,
        int[] renormalisedClasses) {}
