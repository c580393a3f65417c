package io.cema.trt;

/**
 * Who uses an engine now: any number of runs, or one refit, or its closing. TensorRT forbids a refit while the engine has
 * work enqueued; whoever tries gets an exception at once rather than a wait, since another engine should take the traffic
 * meanwhile. Thread-safe.
 */
final class EngineUse {
    private int runs;
    private boolean refitting;
    private boolean closed;

    /** Before a run. */
    synchronized void enter() {
        requireOpen();
        if (refitting) {
            throw new IllegalStateException("the engine is being refitted: another engine has to take the traffic");
        }
        runs++;
    }

    /** After it. */
    synchronized void leave() {
        if (runs == 0) {
            throw new IllegalStateException("no run to leave");
        }
        runs--;
    }

    /** Does the refit with nobody else in the engine. */
    void alone(Runnable refit) {
        synchronized (this) {
            requireOpen();
            if (refitting || runs > 0) {
                throw new IllegalStateException(
                        "the engine has " + (refitting ? "a refit" : runs + " runs") + " in flight: refit another one");
            }
            refitting = true;
        }
        try {
            refit.run();
        } finally {
            synchronized (this) {
                refitting = false;
            }
        }
    }

    /**
     * No further use.
     *
     * @return whether this call closed it
     * @throws IllegalStateException if it is in use
     */
    synchronized boolean close() {
        if (closed) {
            return false;
        }
        if (refitting || runs > 0) {
            throw new IllegalStateException("the engine is in use: close it after the last run has returned");
        }
        closed = true;
        return true;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the engine is closed");
        }
    }
}
