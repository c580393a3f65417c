package io.cema.edge.update;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The inputs of the last frames, to try a candidate on. Thread-safe. */
public final class ShadowFrames {
    private final float[][] ring;
    private long added;

    /** @param capacity frames kept, at least 1; each costs 12 bytes per pixel */
    public ShadowFrames(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("shadow frames must be at least 1, is " + capacity);
        }
        this.ring = new float[capacity][];
    }

    /** @param input CHW float32 as the model takes it; handed over, do not write to it afterwards */
    public synchronized void add(float[] input) {
        ring[(int) (added++ % ring.length)] = input;
    }

    /** The frames kept, in no particular order. */
    synchronized List<float[]> snapshot() {
        List<float[]> frames = new ArrayList<>(ring.length);
        for (float[] input : ring) {
            if (input != null) {
                frames.add(input);
            }
        }
        return frames;
    }

    /** Frames ever added. */
    synchronized long added() {
        return added;
    }

    /** Forgets all, for a model with another input. */
    public synchronized void clear() {
        Arrays.fill(ring, null);
        added = 0;
    }
}
