package io.cema.edge.frame;

import io.cema.protocol.image.Image;
import io.cema.protocol.message.ImageFormat;
import java.util.Optional;

/**
 * One image of a stream.
 *
 * @param number the source's own count, from 0, rising
 * @param image its pixels
 * @param original the file as the camera gave it, if it came encoded
 * @param capturedMillis when it was taken, milliseconds since 1970
 */
public record Frame(long number, Image image, Optional<Encoded> original, long capturedMillis) {
    /**
     * An image file.
     *
     * @param format PNG or JPEG
     * @param bytes owned by the record
     */
    public record Encoded(ImageFormat format, byte[] bytes) {}
}
