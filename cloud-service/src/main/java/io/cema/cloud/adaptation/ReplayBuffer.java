package io.cema.cloud.adaptation;

import io.cema.cloud.adaptation.torch.Visit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** The newest uploads a loop has learnt from: a bounded FIFO of references. One owner thread. */
final class ReplayBuffer {
    private final StoredSample[] ring;
    private int next;
    private int size;

    ReplayBuffer(int capacity) {
        ring = new StoredSample[capacity];
    }

    /** Adds in order of ordinals; the oldest goes when it is full. */
    void add(StoredSample sample) {
        ring[next] = sample;
        next = (next + 1) % ring.length;
        size = Math.min(size + 1, ring.length);
    }

    /** Those of a domain, newest first. */
    List<StoredSample> of(List<Visit> visits) {
        List<StoredSample> found = new ArrayList<>();
        for (int age = 0; age < size; age++) {
            StoredSample sample = newest(age);
            if (visits.stream().anyMatch(visit -> visit.holds(sample.ordinal()))) {
                found.add(sample);
            }
        }
        return found;
    }

    /** Up to {@code count} different samples of a domain, drawn uniformly, of no device more than its share. */
    List<StoredSample> draw(int count, List<Visit> visits, DeviceShare share, SplittableRandom random) {
        List<StoredSample> pool = of(visits);
        int wanted = share.binds() ? pool.size() : Math.min(count, pool.size());
        for (int i = 0; i < wanted; i++) {
            Collections.swap(pool, i, i + random.nextInt(pool.size() - i));
        }
        return share.choose(pool, StoredSample::device, count);
    }

    private StoredSample newest(int age) {
        return ring[Math.floorMod(next - 1 - age, ring.length)];
    }
}
