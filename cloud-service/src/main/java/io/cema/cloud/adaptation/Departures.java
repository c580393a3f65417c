package io.cema.cloud.adaptation;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Which devices ran the live version and then went over to another by themselves: their view is of a domain again that they
 * know, or the version did not do for them. It did arrive; but what is published next for the domain that they left would take
 * the place of what serves them now. One thread.
 */
final class Departures {
    /** Device to the first upload that it predicted under the live version. */
    private final Map<String, Long> arrived = new HashMap<>();

    /** Another version is live now. */
    void published() {
        arrived.clear();
    }

    /** @param waiting uploads not learnt from yet; those of earlier calls may be among them */
    void saw(List<StoredSample> waiting, String live) {
        waiting.stream()
                .filter(s -> s.version().equals(live))
                .forEach(s -> arrived.merge(s.device(), s.ordinal(), Math::min));
    }

    /** Whether the sender had run the live version before, and did not when it sent this. */
    boolean left(StoredSample upload, String live) {
        Long since = arrived.get(upload.device());
        return since != null && upload.ordinal() > since && !upload.version().equals(live);
    }

    /** Whether that holds of more than half of the senders of these, of each as of its newest upload; not if there are none. */
    boolean mostLeft(Collection<StoredSample> uploads, String live) {
        Map<String, StoredSample> newest = uploads.stream()
                .collect(Collectors.toMap(
                        StoredSample::device,
                        Function.identity(),
                        BinaryOperator.maxBy(Comparator.comparingLong(StoredSample::ordinal))));
        return 2 * newest.values().stream().filter(upload -> left(upload, live)).count() > newest.size();
    }
}
