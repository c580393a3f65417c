package io.cema.edge;

import io.cema.edge.frame.Frame;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.ImageFormat;

/**
 * What pixels that came as no file go up as. Lossless by default: what is learnt from should be what was seen.
 *
 * @param format which
 * @param jpegQuality 1 to 100
 */
record RawFrames(Format format, int jpegQuality) {
    /** Ways to send pixels. */
    enum Format {
        LOSSLESS,
        /** A fraction of the bytes, with the artefacts that come with it. */
        JPEG
    }

    RawFrames {
        if (jpegQuality < 1 || jpegQuality > 100) {
            throw new IllegalArgumentException("cema.uplink.jpeg-quality must be 1 to 100, is " + jpegQuality);
        }
    }

    Frame.Encoded encode(Image image) {
        return switch (format) {
            case LOSSLESS -> new Frame.Encoded(ImageFormat.RGB8_ZSTD, ImageCodec.encode(image));
            case JPEG -> new Frame.Encoded(ImageFormat.JPEG, ImageCodec.encodeJpeg(image, jpegQuality));
        };
    }
}
