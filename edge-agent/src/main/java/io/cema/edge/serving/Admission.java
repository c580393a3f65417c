package io.cema.edge.serving;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts the requests in the house, of every protocol, from their head to the end of their answer. Thread-safe. */
public final class Admission {
    private final int maxRequests;
    private final AtomicInteger inside = new AtomicInteger();

    public Admission(int maxRequests) {
        if (maxRequests < 1) {
            throw new IllegalArgumentException("cema.serving.max-requests is " + maxRequests + ", must be at least 1");
        }
        this.maxRequests = maxRequests;
    }

    /**
     * Lets a request in, which {@link #leave leaves} once.
     *
     * @throws InferenceRequestException if the house is full
     */
    public void enter() {
        int count = inside.incrementAndGet();
        if (count > maxRequests) {
            inside.decrementAndGet();
            throw new InferenceRequestException(
                    Refusal.BUSY,
                    maxRequests + " requests are in work (cema.serving.max-requests); ask again in a second");
        }
    }

    public void leave() {
        inside.decrementAndGet();
    }
}
