package io.cema.cloud.adaptation;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which devices ran the live version and then went over to another by themselves: their view is of a domain again that they
 * know, or the version did not do for them. It did arrive; but what is published next for the domain that they left would take
 * the place of what serves them now. One thread.
 */
final class Departures {
    /** Device to the first upload that it predicted under the live version. */
    private final Map<String, Long> arrived = new HashMap<>();
    /** What devices went over to and the cloud knows of. */
    private Optional<String> followed = Optional.empty();

    /** Another version is live now. */
    void published() {
        arrived.clear();
        followed = Optional.empty();
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

    /** @param version that devices run by themselves in what is the present domain since now, if they do */
    void followed(Optional<String> version) {
        followed = version;
    }

    /** Whether that holds of more than half of the senders of these, of each as of its newest upload, and they were not followed. */
    boolean mostLeft(Collection<StoredSample> uploads, String live) {
        Collection<StoredSample> newest = Senders.newest(uploads);
        long leaving = newest.stream()
                .filter(upload -> left(upload, live))
                .filter(upload -> !followed.equals(Optional.of(upload.version())))
                .count();
        return 2 * leaving > newest.size();
    }
}
