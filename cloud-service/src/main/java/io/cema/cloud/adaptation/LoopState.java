package io.cema.cloud.adaptation;

import java.util.Optional;

/**
 * A loop's row, and what hangs on it.
 *
 * @param withdrawals changes when uploads the loop may have in memory were withdrawn or came back
 * @param policy the cohort's policy document, JSON
 * @param liveAffine AffineCodec bytes of the live version, a difference to the model's own
 * @param checkpoint artefact of the live version's checkpoint
 * @param candidate under judgement at the canaries
 * @param held true: an operator wants no new publications
 */
public record LoopState(
        String foundationDigest,
        long step,
        Optional<String> liveVersion,
        Optional<byte[]> liveAffine,
        Optional<String> checkpoint,
        long withdrawals,
        String policy,
        Optional<Candidate> candidate,
        boolean held) {
    /**
     * A version that is not live until it is promoted.
     *
     * @param affine AffineCodec bytes
     * @param checkpoint artefact of the twin that adopted it; owned by the record
     */
    public record Candidate(String version, byte[] affine, String checkpoint) {}
}
