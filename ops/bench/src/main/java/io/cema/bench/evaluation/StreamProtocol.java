package io.cema.bench.evaluation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** In which order the images of several domains come, and what the method is given. */
enum StreamProtocol {
    /** A fresh model for each domain. */
    RESET,
    /** One domain after the other, without reset. */
    CONTINUAL,
    /** The domains shuffled together. */
    MIXED,
    /** One after the other, and then all of them a second time, on other images. */
    RECURRING,
    /** As RESET, but sorted by class into runs. */
    CORRELATED,
    /** As RESET, with 300 images of replay. */
    SMALL,
    /** As RESET, but the edge gets every 10th update only. */
    STALE,
    /** As RESET, one image at a time for every method. */
    BATCH1;

    private static final int SMALL_REPLAY = 300;
    private static final int STALENESS = 10;
    private static final int RUNS_PER_CLASS = 2;

    static StreamProtocol of(String name) {
        for (StreamProtocol protocol : values()) {
            if (protocol.label().equals(name.strip().toLowerCase(Locale.ROOT).replace(" ", ""))) {
                return protocol;
            }
        }
        throw new IllegalArgumentException(
                "unknown protocol '" + name + "'; choose from " + String.join(", ", labels()));
    }

    static List<String> labels() {
        List<String> labels = new ArrayList<>();
        for (StreamProtocol protocol : values()) {
            labels.add(protocol.label());
        }
        return labels;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Images of replay that a method may keep, at most. */
    int replay(int usual) {
        return this == SMALL ? SMALL_REPLAY : usual;
    }

    /** Every how many updates the edge gets one. */
    int staleness() {
        return this == STALE ? STALENESS : 1;
    }

    int batch(int usual) {
        return this == BATCH1 ? 1 : usual;
    }

    /**
     * @param domains images of each domain, in the order in which they come
     * @return episodes; each starts with a fresh method
     */
    List<List<Item>> episodes(List<List<Item>> domains, long seed) {
        return switch (this) {
            case RESET, SMALL, STALE, BATCH1 -> domains;
            case CORRELATED -> domains.stream().map(StreamProtocol::runs).toList();
            case CONTINUAL -> List.of(joined(domains));
            case MIXED -> {
                List<Item> all = new ArrayList<>(joined(domains));
                Collections.shuffle(all, new Random(seed));
                yield List.of(all);
            }
            case RECURRING -> List.of(twice(domains));
        };
    }

    private static List<Item> joined(List<List<Item>> domains) {
        return domains.stream().flatMap(List::stream).toList();
    }

    /** The first half of each domain's images, then the second half of each. */
    private static List<Item> twice(List<List<Item>> domains) {
        List<Item> first = new ArrayList<>();
        List<Item> second = new ArrayList<>();
        for (List<Item> domain : domains) {
            int half = domain.size() / 2;
            first.addAll(domain.subList(0, half));
            domain.subList(half, domain.size()).stream()
                    .map(i -> new Item(i.corruption(), i.severity(), 2, i.image(), i.label()))
                    .forEach(second::add);
        }
        first.addAll(second);
        return first;
    }

    /** Each class comes in two runs. */
    private static List<Item> runs(List<Item> domain) {
        List<Item> sorted = new ArrayList<>();
        int part = (domain.size() + RUNS_PER_CLASS - 1) / RUNS_PER_CLASS;
        for (int from = 0; from < domain.size(); from += part) {
            domain.subList(from, Math.min(domain.size(), from + part)).stream()
                    .sorted(Comparator.comparingInt(Item::label))
                    .forEach(sorted::add);
        }
        return sorted;
    }
}
