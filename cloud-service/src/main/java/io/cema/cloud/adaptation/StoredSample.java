package io.cema.cloud.adaptation;

import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.message.UploadReason;

/**
 * A durable upload, without its pixels.
 *
 * @param ordinal order of becoming durable
 * @param device the sender
 * @param artefact digest of the image payload
 * @param predictedClass what the device took it for
 * @param version update the device predicted under, empty for the registered model
 */
public record StoredSample(
        long ordinal,
        String device,
        String artefact,
        ImageFormat format,
        UploadReason reason,
        int predictedClass,
        String version) {
    /** Drawn at random past the selection. */
    public boolean random() {
        return reason == UploadReason.RANDOM;
    }

    boolean isOfDeviceOf(StoredSample other) {
        return device.equals(other.device);
    }

    boolean isOfClassOf(StoredSample other) {
        return predictedClass == other.predictedClass;
    }

    /** Whatever it shows, it would have gone up: fit for statistics. */
    public boolean unfiltered() {
        return reason == UploadReason.RANDOM || reason == UploadReason.STATISTICS;
    }
}
