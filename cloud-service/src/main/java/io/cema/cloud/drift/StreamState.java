package io.cema.cloud.drift;

/**
 * What is kept of a stream between two messages.
 *
 * @param counted when it was last observed; null for what does not come as counters
 */
record StreamState(Counted counted, DriftStream stream) {
    static StreamState empty() {
        return new StreamState(null, new DriftStream());
    }
}
