package io.cema.cloud.adaptation;

import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the devices behind some uploads are at now: each counts once, by its newest upload. Stateless. */
final class Senders {
    private Senders() {}

    /** The newest upload of each device. */
    static Collection<StoredSample> newest(Collection<StoredSample> uploads) {
        return uploads.stream()
                .collect(Collectors.toMap(
                        StoredSample::device,
                        Function.identity(),
                        BinaryOperator.maxBy(Comparator.comparingLong(StoredSample::ordinal))))
                .values();
    }

    /** The version that more than half of them run, empty text for the registered model; empty if there is none such. */
    static Optional<String> version(Collection<StoredSample> uploads) {
        Collection<StoredSample> newest = newest(uploads);
        return newest.stream()
                .collect(Collectors.groupingBy(StoredSample::version, Collectors.counting()))
                .entrySet()
                .stream()
                .filter(version -> 2 * version.getValue() > newest.size())
                .map(Map.Entry::getKey)
                .findFirst();
    }
}
