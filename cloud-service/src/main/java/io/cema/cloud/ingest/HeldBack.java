package io.cema.cloud.ingest;

import io.cema.protocol.message.UploadReason;
import io.cema.protocol.model.Digests;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Which samples are never trained on but judge the candidates. Decided by the sample's id alone, so a repeated delivery
 * and every replica decide alike. Images drawn at random past the selection always judge.
 */
public final class HeldBack {
    private final double share;

    /** @param share of the selected images, 0 to 1 */
    public HeldBack(double share) {
        if (!(share >= 0 && share < 1)) {
            throw new IllegalArgumentException("cema.ingest.held-back-share must be from 0 to below 1, is " + share);
        }
        this.share = share;
    }

    public boolean holds(String sampleId, UploadReason reason) {
        if (reason == UploadReason.RANDOM) {
            return true;
        }
        long hash = ByteBuffer.wrap(Digests.sha256(sampleId.getBytes(StandardCharsets.UTF_8)))
                .getLong();
        return (hash >>> 11) * 0x1.0p-53 < share;
    }
}
