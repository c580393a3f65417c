package io.cema.cloud.adaptation;

import java.util.ArrayList;
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

    /** How many stand at {@code fromOrdinal} or later. */
    int size(long fromOrdinal) {
        int count = 0;
        while (count < size && newest(count).ordinal() >= fromOrdinal) {
            count++;
        }
        return count;
    }

    /** Up to {@code count} different samples at {@code fromOrdinal} or later, drawn uniformly. */
    List<StoredSample> draw(int count, long fromOrdinal, SplittableRandom random) {
        int pool = size(fromOrdinal);
        int wanted = Math.min(count, pool);
        int[] index = new int[pool];
        for (int i = 0; i < pool; i++) {
            index[i] = i;
        }
        List<StoredSample> drawn = new ArrayList<>(wanted);
        for (int i = 0; i < wanted; i++) {
            int j = i + random.nextInt(pool - i);
            int picked = index[j];
            index[j] = index[i];
            drawn.add(newest(picked));
        }
        return drawn;
    }

    private StoredSample newest(int age) {
        return ring[Math.floorMod(next - 1 - age, ring.length)];
    }
}
