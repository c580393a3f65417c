package io.cema.protocol.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cema.protocol.message.ImageFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What an upload costs, on real photographs. */
class ImageSizeTest {
    private static final int IMAGES = 200;

    /**
     * Measured over the first 200 test images of CIFAR-10, in bytes: raw RGB 3,072, ImageIO's PNG about 2,890, this
     * codec about 1,730; as raw float32 it would be 12,288.
     */
    @Test
    void cifar_image_takes_less_than_three_fifths_of_its_raw_bytes() throws IOException {
        Optional<Path> file = shared().map(folder -> folder.resolve("data/cifar10/test.bin"));
        assumeTrue(
                file.filter(Files::isReadable).isPresent(),
                "no shared/data/cifar10/test.bin at or above the working directory; set -Dcema.shared to its folder");
        long bytes = 0;
        try (InputStream in = Files.newInputStream(file.orElseThrow())) {
            for (int i = 0; i < IMAGES; i++) {
                Image image = image(in.readNBytes(3073));
                byte[] encoded = ImageCodec.encode(image);
                assertThat(ImageCodec.decode(ImageFormat.RGB8_ZSTD, encoded).rgb())
                        .isEqualTo(image.rgb());
                bytes += encoded.length;
            }
        }
        assertThat(bytes / IMAGES).isLessThan(3072 * 3 / 5);
    }

    /** From CIFAR-10's record: a label, then 1,024 bytes each of red, green and blue. */
    private static Image image(byte[] entry) {
        byte[] rgb = new byte[3072];
        for (int i = 0; i < rgb.length; i++) {
            rgb[3 * (i % 1024) + i / 1024] = entry[1 + i];
        }
        return new Image(32, 32, rgb);
    }

    private static Optional<Path> shared() {
        String configured = System.getProperty("cema.shared", System.getenv("CEMA_SHARED"));
        if (configured != null && !configured.isBlank()) {
            return Optional.of(Path.of(configured));
        }
        return Stream.iterate(Path.of("").toAbsolutePath(), folder -> folder != null, Path::getParent)
                .map(folder -> folder.resolve("shared"))
                .filter(folder -> Files.isDirectory(folder.resolve("data")))
                .findFirst();
    }
}
