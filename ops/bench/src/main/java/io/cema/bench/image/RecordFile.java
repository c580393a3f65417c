package io.cema.bench.image;

import io.cema.protocol.image.Image;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A recording of frames of one size without labels, which an edge agent plays: the ASCII bytes {@code CEMAREC1}, then
 * width, height and count as big-endian int32, then per frame width * height * 3 bytes of interleaved RGB.
 */
public final class RecordFile {
    private static final byte[] MAGIC = "CEMAREC1".getBytes(StandardCharsets.US_ASCII);

    private RecordFile() {}

    /**
     * Writes the frames in their order; a file that is there is replaced.
     *
     * @throws IllegalArgumentException if there is no frame or the sizes differ
     */
    public static void write(Path file, List<Image> frames) throws IOException {
        if (frames.isEmpty()) {
            throw new IllegalArgumentException("record file " + file + ": no frames to write");
        }
        int width = frames.get(0).width();
        int height = frames.get(0).height();
        for (int i = 0; i < frames.size(); i++) {
            Image frame = frames.get(i);
            if (frame.width() != width || frame.height() != height) {
                throw new IllegalArgumentException("record file " + file + ": frame " + i + " is " + frame.width() + "x"
                        + frame.height() + ", the first one " + width + "x" + height
                        + "; a recording has one size, scale the images first");
            }
        }
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            out.write(MAGIC);
            out.writeInt(width);
            out.writeInt(height);
            out.writeInt(frames.size());
            for (Image frame : frames) {
                out.write(frame.rgb());
            }
        }
    }
}
