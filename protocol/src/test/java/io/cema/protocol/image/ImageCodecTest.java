package io.cema.protocol.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.model.Preprocessing;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ImageCodecTest {
    private static final Preprocessing UNIT = new Preprocessing(List.of(0., 0., 0.), List.of(1., 1., 1.));

    @Property(tries = 150)
    void raw_image_comes_back_exactly(
            @ForAll @IntRange(min = 1, max = 40) int width,
            @ForAll @IntRange(min = 1, max = 40) int height,
            @ForAll long seed,
            @ForAll boolean smooth) {
        Image image = smooth ? smooth(width, height) : noise(width, height, seed);
        assertSame(ImageCodec.decode(ImageFormat.RGB8_ZSTD, ImageCodec.encode(image)), image);
    }

    @Test
    void large_raw_image_comes_back_exactly() {
        Image image = smooth(640, 480);
        assertSame(ImageCodec.decode(ImageFormat.RGB8_ZSTD, ImageCodec.encode(image)), image);
    }

    /** A smooth picture survives quality 95 within a few levels; quality 10 takes fewer bytes. */
    @Test
    void jpeg_comes_back_nearly_and_smaller_at_lower_quality() {
        Image image = smooth(64, 48);
        byte[] encoded = ImageCodec.encodeJpeg(image, 95);

        Image decoded = ImageCodec.decode(ImageFormat.JPEG, encoded);

        double error = 0;
        for (int i = 0; i < image.rgb().length; i++) {
            error += Math.abs(Byte.toUnsignedInt(image.rgb()[i]) - Byte.toUnsignedInt(decoded.rgb()[i]));
        }
        assertThat(error / image.rgb().length).isLessThan(6);
        assertThat(ImageCodec.encodeJpeg(image, 10)).hasSizeLessThan(encoded.length);
    }

    @Property(tries = 150)
    void truncated_raw_image_is_refused(@ForAll @IntRange int cut) {
        byte[] encoded = ImageCodec.encode(smooth(17, 9));
        byte[] truncated = Arrays.copyOf(encoded, Math.floorMod(cut, encoded.length));
        assertThatThrownBy(() -> ImageCodec.decode(ImageFormat.RGB8_ZSTD, truncated))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Property(tries = 150)
    void arbitrary_bytes_give_no_other_error(@ForAll byte[] bytes, @ForAll ImageFormat format) {
        assertThatThrownBy(() -> ImageCodec.decode(format, bytes)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void raw_image_that_claims_too_many_pixels_is_refused() {
        byte[] encoded = ImageCodec.encode(smooth(8, 8));
        ByteBuffer.wrap(encoded).putInt(2, 60_000).putInt(6, 60_000);
        assertThatThrownBy(() -> ImageCodec.decode(ImageFormat.RGB8_ZSTD, encoded))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("60000x60000");
    }

    @Test
    void raw_image_that_claims_more_than_it_holds_is_refused() {
        byte[] encoded = ImageCodec.encode(smooth(8, 8));
        ByteBuffer.wrap(encoded).putInt(2, 6_000).putInt(6, 6_000);
        assertThatThrownBy(() -> ImageCodec.decode(ImageFormat.RGB8_ZSTD, encoded))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("its size asks for");
    }

    @Property(tries = 50)
    void picture_behind_its_tensor_is_the_picture(
            @ForAll @IntRange(min = 1, max = 20) int width,
            @ForAll @IntRange(min = 1, max = 20) int height,
            @ForAll long seed) {
        Image image = noise(width, height, seed);
        Preprocessing preprocessing = new Preprocessing(List.of(.485, .456, .406), List.of(.229, .224, .225));

        float[] tensor = ImageCodec.toTensor(image, height, width, preprocessing);

        assertSame(ImageCodec.fromTensor(tensor, height, width, preprocessing).orElseThrow(), image);
    }

    @Test
    void tensor_outside_the_levels_is_no_picture() {
        Preprocessing preprocessing = new Preprocessing(List.of(.5, .5, .5), List.of(.25, .25, .25));

        assertThat(ImageCodec.fromTensor(new float[] {0, 2.1f, 0}, 1, 1, preprocessing))
                .isEmpty();
        assertThat(ImageCodec.fromTensor(new float[] {0, -2.1f, 0}, 1, 1, preprocessing))
                .isEmpty();
        assertThat(ImageCodec.fromTensor(new float[] {0, Float.NaN, 0}, 1, 1, preprocessing))
                .isEmpty();
        assertThat(ImageCodec.fromTensor(new float[] {0, Float.NEGATIVE_INFINITY, 0}, 1, 1, preprocessing))
                .isEmpty();
    }

    @Test
    void png_is_decoded_to_its_pixels() throws IOException {
        Image image = noise(13, 7, 1);
        assertSame(ImageCodec.decode(ImageFormat.PNG, written(buffered(image), "png")), image);
    }

    @Test
    void grey_png_keeps_its_samples() throws IOException {
        BufferedImage grey = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
        for (int x = 0; x < 256; x++) {
            grey.getRaster().setSample(x, 0, 0, x);
        }
        byte[] rgb = ImageCodec.decode(ImageFormat.PNG, written(grey, "png")).rgb();
        for (int x = 0; x < 256; x++) {
            assertThat(Byte.toUnsignedInt(rgb[3 * x + 1])).isEqualTo(x);
        }
    }

    @Test
    void transparent_png_gives_its_colours() throws IOException {
        BufferedImage argb = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
        argb.setRGB(0, 0, 0x80102030);
        assertThat(ImageCodec.decode(ImageFormat.PNG, written(argb, "png")).rgb())
                .containsExactly(0x10, 0x20, 0x30);
    }

    /** JPEG at ImageIO's default quality of 0.75 keeps a smooth image within a few grey levels. */
    @Test
    void jpeg_is_decoded_close_to_its_pixels() throws IOException {
        Image image = smooth(32, 32);
        Image decoded = ImageCodec.decode(ImageFormat.JPEG, written(buffered(image), "jpeg"));
        double sum = 0;
        for (int i = 0; i < image.rgb().length; i++) {
            sum += Math.abs(Byte.toUnsignedInt(image.rgb()[i]) - Byte.toUnsignedInt(decoded.rgb()[i]));
        }
        assertThat(sum / image.rgb().length).isLessThan(4);
    }

    @Test
    void png_is_not_taken_for_jpeg() throws IOException {
        byte[] png = written(buffered(smooth(8, 8)), "png");
        assertThatThrownBy(() -> ImageCodec.decode(ImageFormat.JPEG, png))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("jpeg");
    }

    @Test
    void truncated_png_is_refused() throws IOException {
        byte[] png = written(buffered(noise(16, 16, 1)), "png");
        assertThatThrownBy(() -> ImageCodec.decode(ImageFormat.PNG, Arrays.copyOf(png, png.length / 2)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void png_that_claims_too_many_pixels_is_refused_by_its_header() throws IOException {
        byte[] png = written(buffered(smooth(8, 8)), "png");
        ByteBuffer.wrap(png).putInt(16, 100_000).putInt(20, 100_000);
        java.util.zip.CRC32 crc = new java.util.zip.CRC32();
        crc.update(png, 12, 17);
        ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());
        assertThatThrownBy(() -> ImageCodec.decode(ImageFormat.PNG, png))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("100000x100000");
    }

    @Test
    void tensor_of_the_same_size_is_channels_first_and_exact() {
        Image image = noise(5, 4, 2);
        Preprocessing preprocessing = new Preprocessing(List.of(0.4914, 0.4822, 0.4465), List.of(0.2, 0.3, 0.25));
        float[] tensor = ImageCodec.toTensor(image, 4, 5, preprocessing);
        for (int c = 0; c < 3; c++) {
            for (int p = 0; p < 20; p++) {
                double pixel = Byte.toUnsignedInt(image.rgb()[3 * p + c]) / 255.0;
                assertThat(tensor[c * 20 + p])
                        .isEqualTo((float) ((pixel - preprocessing.mean().get(c))
                                / preprocessing.std().get(c)));
            }
        }
    }

    @Test
    void enlarging_interpolates_between_pixel_centres() {
        float[] tensor = ImageCodec.toTensor(columns(0, 255), 1, 4, UNIT);
        assertThat(Arrays.copyOf(tensor, 4)).containsExactly(new float[] {0, 0.25f, 0.75f, 1}, within(1e-6f));
    }

    /** Pillow's antialiased bilinear of [0, 0, 255, 255] to 2: weights 3/8 3/8 and 1/8 (of 7/8) at the border. */
    @Test
    void shrinking_averages_what_it_leaves_out() {
        float[] tensor = ImageCodec.toTensor(columns(0, 0, 255, 255), 1, 2, UNIT);
        assertThat(Arrays.copyOf(tensor, 2)).containsExactly(new float[] {1 / 7f, 6 / 7f}, within(1e-6f));
    }

    @Test
    void flat_image_stays_flat_at_any_size() {
        byte[] rgb = new byte[31 * 17 * 3];
        Arrays.fill(rgb, (byte) 100);
        float[] tensor = ImageCodec.toTensor(new Image(31, 17, rgb), 224, 7, UNIT);
        for (float value : tensor) {
            assertThat(value).isCloseTo(100 / 255f, within(1e-5f));
        }
    }

    private static Image columns(int... greys) {
        byte[] rgb = new byte[greys.length * 3];
        for (int x = 0; x < greys.length; x++) {
            Arrays.fill(rgb, 3 * x, 3 * x + 3, (byte) greys[x]);
        }
        return new Image(greys.length, 1, rgb);
    }

    private static Image noise(int width, int height, long seed) {
        byte[] rgb = new byte[width * height * 3];
        new Random(seed).nextBytes(rgb);
        return new Image(width, height, rgb);
    }

    private static Image smooth(int width, int height) {
        byte[] rgb = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int p = 3 * (y * width + x);
                rgb[p] = (byte) (40 + 3 * x % 180);
                rgb[p + 1] = (byte) (50 + (2 * x + y) % 180);
                rgb[p + 2] = (byte) (60 + 2 * y % 180);
            }
        }
        return new Image(width, height, rgb);
    }

    private static BufferedImage buffered(Image image) {
        BufferedImage buffered = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        for (int p = 0; p < image.width() * image.height(); p++) {
            byte[] rgb = image.rgb();
            int pixel = Byte.toUnsignedInt(rgb[3 * p]) << 16
                    | Byte.toUnsignedInt(rgb[3 * p + 1]) << 8
                    | Byte.toUnsignedInt(rgb[3 * p + 2]);
            buffered.setRGB(p % image.width(), p / image.width(), pixel);
        }
        return buffered;
    }

    private static byte[] written(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, out)).isTrue();
        return out.toByteArray();
    }

    private static void assertSame(Image actual, Image expected) {
        assertThat(actual.width()).isEqualTo(expected.width());
        assertThat(actual.height()).isEqualTo(expected.height());
        assertThat(actual.rgb()).isEqualTo(expected.rgb());
    }
}
