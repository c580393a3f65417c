package io.cema.cloud.adaptation;

import java.util.Optional;

/**
 * A loop's row, and what hangs on it.
 *
 * @param withdrawals changes when uploads the loop may have in memory were withdrawn or came back
 * @param policy the cohort's policy document, JSON
 * @param liveAffine AffineCodec bytes of the live version, a difference to the model's own
 * @param checkpoint artefact of the live version's checkpoint
 */
public record LoopState(
        String foundationDigest,
        long step,
        Optional<String> liveVersion,
        Optional<byte[]> liveAffine,
        Optional<String> checkpoint,
        long withdrawals,
        String policy) {}
