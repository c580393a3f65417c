package io.cema.cloud.drift;

import java.time.Instant;

/**
 * A stream as it stands in the database.
 *
 * @param modelDigest that the reference is of
 * @param version update in use while it was learnt; empty: none, or it does not matter
 * @param since when the reference began
 * @param observedAt when the last observation ended
 */
record StoredStream(
        StreamKey key, String modelDigest, String version, StreamState state, Instant since, Instant observedAt) {
    /** After an observation. */
    StoredStream observed(StreamState newState, Instant now) {
        boolean anew = newState.stream().observations() == 0;
        return new StoredStream(key, modelDigest, version, newState, anew ? now : since, now);
    }
}
