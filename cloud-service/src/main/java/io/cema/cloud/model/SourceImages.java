package io.cema.cloud.model;

import io.cema.cloud.http.ProblemException;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.model.Preprocessing;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Reads source images that came with a request: a ZIP of PNG and JPEG files, or the CIFAR-10 binary format (records of one
 * label byte, then 32x32 red, green and blue planes).
 */
public final class SourceImages {
    /** More are left out. */
    static final int MOST = 20_000;

    private static final int MOST_NUMBERS = 64 * 1024 * 1024;
    private static final int SIDE = 32;
    private static final int PLANE = SIDE * SIDE;
    private static final int RECORD = 1 + 3 * PLANE;
    private static final int LARGEST_FILE = 16 * 1024 * 1024;

    private final String part;

    private SourceImages(String part) {
        this.part = part;
    }

    /**
     * @param images not empty
     * @param labels class per image
     */
    public record Labelled(List<Image> images, int[] labels) {}

    /**
     * Unlabelled images; labels are not used. At most 20,000.
     *
     * @param part of the request, for messages; fails with 422 saying what is wrong with which file
     */
    public static List<Image> read(String part, byte[] content) {
        SourceImages source = new SourceImages(part);
        List<Image> images = isZip(content) ? source.zip(content) : source.records(content);
        if (images.isEmpty()) {
            throw source.wrong("it holds no image");
        }
        return images;
    }

    /** Labelled images in the CIFAR-10 binary format; fails with 422. */
    public static Labelled readLabelled(String part, byte[] content) {
        SourceImages source = new SourceImages(part);
        if (isZip(content)) {
            throw source.wrong("labelled images come in the CIFAR-10 binary format, not as a ZIP");
        }
        List<Image> images = source.records(content);
        if (images.isEmpty()) {
            throw source.wrong("it holds no image");
        }
        int[] labels = new int[images.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = content[i * RECORD] & 0xff;
        }
        return new Labelled(images, labels);
    }

    /**
     * The images as the model's input, as many as fit into 256 MiB.
     *
     * @return [n, 3, height, width] in row-major order
     */
    static float[] tensor(List<Image> images, int height, int width, Preprocessing preprocessing) {
        int each = 3 * height * width;
        int count = Math.min(images.size(), Math.max(1, MOST_NUMBERS / each));
        float[] tensor = new float[count * each];
        for (int i = 0; i < count; i++) {
            float[] one = ImageCodec.toTensor(images.get(i), height, width, preprocessing);
            System.arraycopy(one, 0, tensor, i * each, each);
        }
        return tensor;
    }

    private static boolean isZip(byte[] content) {
        return content.length >= 4 && content[0] == 'P' && content[1] == 'K' && content[2] == 3 && content[3] == 4;
    }

    private List<Image> zip(byte[] content) {
        List<Image> images = new ArrayList<>();
        try (ZipInputStream files = new ZipInputStream(new ByteArrayInputStream(content))) {
            for (ZipEntry file = files.getNextEntry();
                    file != null && images.size() < MOST;
                    file = files.getNextEntry()) {
                if (!file.isDirectory()) {
                    images.add(image(file.getName(), files.readNBytes(LARGEST_FILE + 1)));
                }
            }
        } catch (IOException e) {
            throw wrong("the ZIP cannot be read: " + e.getMessage());
        }
        return images;
    }

    private Image image(String name, byte[] content) {
        if (content.length > LARGEST_FILE) {
            throw wrong("file " + name + " has more than " + LARGEST_FILE + " bytes");
        }
        String lower = name.toLowerCase(Locale.ROOT);
        ImageFormat format;
        if (lower.endsWith(".png")) {
            format = ImageFormat.PNG;
        } else if (lower.endsWith(".jpg") || lower.endsWith(".jpeg")) {
            format = ImageFormat.JPEG;
        } else {
            throw wrong("file " + name + " is neither .png nor .jpg");
        }
        try {
            return ImageCodec.decode(format, content);
        } catch (IllegalArgumentException e) {
            throw wrong("file " + name + ": " + e.getMessage());
        }
    }

    private List<Image> records(byte[] content) {
        if (content.length % RECORD != 0) {
            throw wrong("it is neither a ZIP of PNG or JPEG files nor records of " + RECORD
                    + " bytes (CIFAR-10 binary format), having " + content.length + " bytes");
        }
        List<Image> images = new ArrayList<>();
        for (int at = 0; at < content.length && images.size() < MOST; at += RECORD) {
            byte[] rgb = new byte[3 * PLANE];
            for (int pixel = 0; pixel < PLANE; pixel++) {
                for (int c = 0; c < 3; c++) {
                    rgb[3 * pixel + c] = content[at + 1 + c * PLANE + pixel];
                }
            }
            images.add(new Image(SIDE, SIDE, rgb));
        }
        return images;
    }

    private ProblemException wrong(String detail) {
        return ProblemException.unprocessable(
                "invalid-images", "The images cannot be used", "part `" + part + "`: " + detail);
    }
}
