package io.cema.cloud.rollout.model;

import io.cema.protocol.model.Digests;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A device that is to get a place in a rollout.
 *
 * @param bucket its place in the order of devices, percent from 0 to below 100
 * @param labels those it has now
 */
record Candidate(String device, double bucket, Map<String, String> labels) {
    private static final double PERCENT = 100;

    /** A device as the database knows it. */
    record Found(String device, Map<String, String> labels) {}

    /**
     * The devices that are there at the start, in the order of their hashes: each gets its rank, so that a tenth of thirty
     * devices is three, not what chance gives.
     */
    static List<Candidate> ranked(String rollout, List<Found> devices) {
        List<Found> ordered = devices.stream()
                .sorted(Comparator.<Found>comparingDouble(d -> hash(rollout, d.device()))
                        .thenComparing(Found::device))
                .toList();
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < ordered.size(); i++) {
            Found found = ordered.get(i);
            candidates.add(new Candidate(found.device(), PERCENT * i / ordered.size(), found.labels()));
        }
        return candidates;
    }

    /** A device that came later: by its hash alone, so that no other device's place changes. */
    static Candidate late(String rollout, Found found) {
        return new Candidate(found.device(), PERCENT * hash(rollout, found.device()), found.labels());
    }

    /** From 0 to below 1; with the rollout in it, so that not every rollout begins with the same devices. */
    private static double hash(String rollout, String device) {
        byte[] digest = Digests.sha256((rollout + "/" + device).getBytes(StandardCharsets.UTF_8));
        return (ByteBuffer.wrap(digest).getLong() >>> 11) * 0x1.0p-53;
    }
}
