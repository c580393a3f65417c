package io.cema.bench.fleet;

import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Pictures to upload, each another one, coded as an agent codes a raw frame. Drawn ones (a coloured shape before a shaded
 * and noisy ground, 32 x 32) where no others are given; given ones are told apart by one of their pixels.
 */
final class Pictures {
    private static final int SIDE = 32;
    private static final int NOISE = 24;

    private final List<Image> given;
    private final SplittableRandom random;
    private int count;

    /** @param given may be empty */
    Pictures(List<Image> given, long seed) {
        this.given = List.copyOf(given);
        this.random = new SplittableRandom(seed);
    }

    /** @param encoded {@code RGB8_ZSTD} */
    record Picture(int width, int height, byte[] encoded) {}

    Picture next() {
        int number = count++;
        Image image = given.isEmpty() ? drawn() : marked(given.get(number % given.size()), number);
        return new Picture(image.width(), image.height(), ImageCodec.encode(image));
    }

    private static Image marked(Image image, int number) {
        byte[] rgb = image.rgb().clone();
        rgb[0] = (byte) number;
        rgb[1] = (byte) (number >> 8);
        rgb[2] = (byte) (number >> 16);
        return new Image(image.width(), image.height(), rgb);
    }

    private Image drawn() {
        byte[] rgb = new byte[SIDE * SIDE * 3];
        int[] ground = {random.nextInt(200), random.nextInt(200), random.nextInt(200)};
        int[] shape = {random.nextInt(256), random.nextInt(256), random.nextInt(256)};
        int centre = 10 + random.nextInt(12);
        int radius = 5 + random.nextInt(7);
        boolean round = random.nextBoolean();
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                int dx = Math.abs(x - centre);
                int dy = Math.abs(y - centre);
                boolean inside = round ? dx * dx + dy * dy < radius * radius : Math.max(dx, dy) < radius;
                for (int channel = 0; channel < 3; channel++) {
                    int level = (inside ? shape[channel] : ground[channel] + y) + random.nextInt(NOISE);
                    rgb[(y * SIDE + x) * 3 + channel] = (byte) Math.min(255, level);
                }
            }
        }
        return new Image(SIDE, SIDE, rgb);
    }
}
