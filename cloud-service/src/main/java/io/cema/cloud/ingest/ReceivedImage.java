package io.cema.cloud.ingest;

import io.cema.cloud.model.Sha256;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.SampleInfo;
import io.cema.protocol.message.SamplePart;
import java.util.Arrays;
import java.util.Optional;

/** Checks a whole image against what its parts promised: training must never meet bytes that are no image. */
final class ReceivedImage {
    private ReceivedImage() {}

    /** What is wrong with it, or empty. Decodes, so not for an event loop. */
    static Optional<String> fault(byte[] image, SamplePart part) {
        return fault(
                image, part.getInfo(), part.getTotalBytes(), part.getSha256().toByteArray());
    }

    private static Optional<String> fault(byte[] image, SampleInfo info, int totalBytes, byte[] sha256) {
        if (image.length != totalBytes) {
            return Optional.of("image has " + image.length + " bytes, its parts promised " + totalBytes);
        }
        if (!Arrays.equals(Sha256.bytes(image), sha256)) {
            return Optional.of("SHA-256 of the image is not the one its parts promised");
        }
        try {
            Image decoded = ImageCodec.decode(info.getFormat(), image);
            return decoded.width() == info.getWidth() && decoded.height() == info.getHeight()
                    ? Optional.empty()
                    : Optional.of("image is " + decoded.width() + "x" + decoded.height() + ", its parts promised "
                            + info.getWidth() + "x" + info.getHeight());
        } catch (IllegalArgumentException e) {
            return Optional.of("image cannot be decoded: " + e.getMessage());
        }
    }
}
