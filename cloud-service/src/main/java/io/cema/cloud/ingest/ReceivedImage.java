package io.cema.cloud.ingest;

import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.SampleInfo;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.model.Digests;
import java.util.Arrays;
import java.util.Optional;

/**
 * A whole image, checked against what its parts promised: training must never meet bytes that are no image.
 *
 * @param fault what is wrong with it, or empty
 * @param statistics of its pixels, if nothing is wrong
 */
record ReceivedImage(byte[] bytes, Optional<String> fault, Optional<PixelStatistics> statistics) {
    /** Decodes, so not for an event loop. */
    static ReceivedImage check(byte[] image, SamplePart part) {
        Optional<String> promise =
                brokenPromise(image, part.getTotalBytes(), part.getSha256().toByteArray());
        return promise.isPresent() ? faulty(image, promise.get()) : decoded(image, part.getInfo());
    }

    private static Optional<String> brokenPromise(byte[] image, int totalBytes, byte[] sha256) {
        if (image.length != totalBytes) {
            return Optional.of("image has " + image.length + " bytes, its parts promised " + totalBytes);
        }
        if (!Arrays.equals(Digests.sha256(image), sha256)) {
            return Optional.of("SHA-256 of the image is not the one its parts promised");
        }
        return Optional.empty();
    }

    private static ReceivedImage decoded(byte[] bytes, SampleInfo info) {
        try {
            Image image = ImageCodec.decode(info.getFormat(), bytes);
            return image.width() == info.getWidth() && image.height() == info.getHeight()
                    ? new ReceivedImage(bytes, Optional.empty(), Optional.of(PixelStatistics.of(image)))
                    : faulty(
                            bytes,
                            "image is " + image.width() + "x" + image.height() + ", its parts promised "
                                    + info.getWidth() + "x" + info.getHeight());
        } catch (IllegalArgumentException e) {
            return faulty(bytes, "image cannot be decoded: " + e.getMessage());
        }
    }

    private static ReceivedImage faulty(byte[] bytes, String fault) {
        return new ReceivedImage(bytes, Optional.of(fault), Optional.empty());
    }
}
