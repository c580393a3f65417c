package io.cema.edge.frame;

import io.cema.protocol.message.ImageFormat;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What can be told of an image file without decoding it. Stateless. */
final class ImageFiles {
    /** Length 0, type IEND, its CRC: how every PNG ends. */
    private static final byte[] PNG_END = {0, 0, 0, 0, 'I', 'E', 'N', 'D', (byte) 0xAE, 0x42, 0x60, (byte) 0x82};

    private static final byte[] JPEG_END = {(byte) 0xFF, (byte) 0xD9};

    private ImageFiles() {}

    /** By the name's suffix; empty if it is no image. Hidden files are none: they are being written, or of the system. */
    static Optional<ImageFormat> formatOf(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.startsWith(".")) {
            return Optional.empty();
        }
        if (name.endsWith(".png")) {
            return Optional.of(ImageFormat.PNG);
        }
        return name.endsWith(".jpg") || name.endsWith(".jpeg") ? Optional.of(ImageFormat.JPEG) : Optional.empty();
    }

    /** Whether the file's last bytes are those of a finished image. */
    static boolean ends(Path file, ImageFormat format) throws IOException {
        byte[] end = format == ImageFormat.PNG ? PNG_END : JPEG_END;
        try (RandomAccessFile reader = new RandomAccessFile(file.toFile(), "r")) {
            if (reader.length() < end.length) {
                return false;
            }
            byte[] tail = new byte[end.length];
            reader.seek(reader.length() - end.length);
            reader.readFully(tail);
            return Arrays.equals(tail, end);
        }
    }
}
