package io.cema.bench.image;

import io.cema.protocol.image.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The CIFAR-10 binary format: per image one byte of label, then the red, the green and the blue plane of 32x32 bytes.
 * The file names no classes; they are called by their numbers.
 */
final class CifarFile {
    private static final int SIDE = 32;
    private static final int PLANE = SIDE * SIDE;
    private static final int RECORD = 1 + 3 * PLANE;
    private static final int CLASSES = 10;

    private CifarFile() {}

    static ImageSet read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length == 0 || bytes.length % RECORD != 0) {
            throw new IllegalArgumentException("images " + file + ": " + bytes.length + " bytes are no multiple of "
                    + RECORD + "; expected the CIFAR-10 binary format (label byte and three 32x32 planes per image)");
        }
        List<LabelledImage> images = new ArrayList<>(bytes.length / RECORD);
        for (int offset = 0; offset < bytes.length; offset += RECORD) {
            int label = bytes[offset] & 0xff;
            if (label >= CLASSES) {
                throw new IllegalArgumentException("images " + file + ": image " + offset / RECORD + " has label "
                        + label + "; the CIFAR-10 binary format knows 0 to 9");
            }
            images.add(new LabelledImage(image(bytes, offset + 1), label));
        }
        return new ImageSet(
                IntStream.range(0, CLASSES).mapToObj(Integer::toString).toList(), images);
    }

    private static Image image(byte[] bytes, int offset) {
        byte[] rgb = new byte[3 * PLANE];
        for (int pixel = 0; pixel < PLANE; pixel++) {
            for (int channel = 0; channel < 3; channel++) {
                rgb[3 * pixel + channel] = bytes[offset + channel * PLANE + pixel];
            }
        }
        return new Image(SIDE, SIDE, rgb);
    }
}
