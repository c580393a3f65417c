package io.cema.cloud.rollout.update;

import io.cema.protocol.model.Digests;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which devices of a cohort are canaries. By the hash of device and cohort, so that nothing about a device decides; those
 * chosen once stay, so that a device more or less moves nobody else.
 */
final class CanaryChoice {
    private CanaryChoice() {}

    /**
     * @param present canaries so far; those that left the cohort do not count
     * @param count how many are wanted
     * @return in order of their ids
     */
    static Set<String> of(String cohort, Collection<String> devices, Collection<String> present, int count) {
        List<String> chosen = devices.stream()
                .sorted(Comparator.comparing((String device) -> !present.contains(device))
                        .thenComparing(device -> hash(cohort, device)))
                .limit(count)
                .toList();
        return new TreeSet<>(chosen);
    }

    private static String hash(String cohort, String device) {
        return Digests.hex((cohort + "/" + device).getBytes(StandardCharsets.UTF_8));
    }
}
