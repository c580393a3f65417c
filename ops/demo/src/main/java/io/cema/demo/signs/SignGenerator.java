package io.cema.demo.signs;

import io.cema.bench.image.ImageSet;
import io.cema.bench.image.LabelledImage;
import io.cema.protocol.image.Image;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Makes 32x32 pictures of European traffic signs as a roadside camera crops them by day: a weathered face in
 * perspective before an outdoor background, lit unevenly, sometimes partly hidden, through imperfect optics and a noisy
 * sensor. Drawn at three times the resolution, then averaged down. Thread-safe.
 */
public final class SignGenerator {
    /** Pixels of a picture's side. */
    public static final int SIDE = 32;

    private static final int FINE = 3;
    private static final int CANVAS = SIDE * FINE;

    private final FaceTextures faces = new FaceTextures();

    /**
     * A set with classes in random order, all equally likely. Image i depends on the seed and i alone.
     *
     * @param images how many, at least 1
     */
    public ImageSet generate(int images, long seed) {
        List<LabelledImage> drawn = IntStream.range(0, images)
                .parallel()
                .mapToObj(i -> {
                    RandomGenerator random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + i);
                    SignClass sign = SignClass.values()[random.nextInt(SignClass.values().length)];
                    return new LabelledImage(draw(sign, random), sign.ordinal());
                })
                .toList();
        return new ImageSet(SignClass.labels(), drawn);
    }

    /** One picture. */
    public Image draw(SignClass sign, RandomGenerator random) {
        float[][] scene = scene(random);
        placeSign(scene, sign, random);
        return new Camera(random).expose(scene, SIDE, FINE);
    }

    /** The surroundings with the pole, as three planes of CANVAS x CANVAS values, 0 to 1. */
    private static float[][] scene(RandomGenerator random) {
        BufferedImage canvas = new BufferedImage(CANVAS, CANVAS, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = canvas.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.drawImage(Backdrop.draw(CANVAS / 2, random), 0, 0, CANVAS, CANVAS, null);
        pole(graphics, random);
        graphics.dispose();
        float[][] planes = planes(canvas);
        Optics.blur(planes, CANVAS, random.nextDouble(0.9, 4.1));
        float light = (float) random.nextDouble(0.55, 1.05);
        for (float[] plane : planes) {
            for (int i = 0; i < plane.length; i++) {
                plane[i] *= light;
            }
        }
        return planes;
    }

    private static void pole(Graphics2D graphics, RandomGenerator random) {
        if (random.nextInt(4) == 0) {
            return;
        }
        int grey = random.nextInt(70, 180);
        double width = random.nextDouble(0.05, 0.1) * CANVAS;
        double x = CANVAS / 2.0 + random.nextGaussian() * 0.04 * CANVAS;
        double lean = random.nextGaussian() * 0.03 * CANVAS;
        for (int strip = 0; strip < 4; strip++) {
            int tone = Math.min(255, Math.max(0, grey + 18 * (strip == 1 ? 2 : -strip)));
            graphics.setColor(new Color(tone, tone, tone));
            Path2D shape = new Path2D.Double();
            double left = x + (strip / 4.0 - 0.5) * width;
            shape.moveTo(left, CANVAS * 0.4);
            shape.lineTo(left + width / 4 + 0.5, CANVAS * 0.4);
            shape.lineTo(left + width / 4 + 0.5 + lean, CANVAS);
            shape.lineTo(left + lean, CANVAS);
            graphics.fill(shape);
        }
    }

    private void placeSign(float[][] scene, SignClass sign, RandomGenerator random) {
        Pose pose = new Pose(random);
        Surface surface = new Surface(random);
        double[] uv = new double[2];
        float[] rgba = new float[4];
        for (int y = 0; y < CANVAS; y++) {
            for (int x = 0; x < CANVAS; x++) {
                pose.toFace((x + 0.5) / CANVAS * 2 - 1, (y + 0.5) / CANVAS * 2 - 1, uv);
                faces.sample(sign, uv[0], uv[1], rgba);
                if (rgba[3] > 0) {
                    surface.weather(uv[0], uv[1], rgba);
                    int i = y * CANVAS + x;
                    for (int c = 0; c < 3; c++) {
                        scene[c][i] = scene[c][i] * (1 - rgba[3]) + rgba[c];
                    }
                }
            }
        }
        if (random.nextInt(5) == 0) {
            hidePartly(scene, random);
        }
    }

    /** Leaves of a branch, or a sticker, over the edge of the picture's middle. */
    private static void hidePartly(float[][] scene, RandomGenerator random) {
        BufferedImage cover = new BufferedImage(CANVAS, CANVAS, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = cover.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        double angle = random.nextDouble(2 * Math.PI);
        double reach = random.nextDouble(0.3, 0.45);
        double x = (0.5 + reach * Math.cos(angle)) * CANVAS;
        double y = (0.5 + reach * Math.sin(angle)) * CANVAS;
        boolean sticker = random.nextInt(4) == 0;
        int pieces = sticker ? 1 : random.nextInt(4, 12);
        for (int i = 0; i < pieces; i++) {
            graphics.setColor(
                    sticker
                            ? Color.getHSBColor(random.nextFloat(), random.nextFloat(), random.nextFloat())
                            : Color.getHSBColor(
                                    (float) random.nextDouble(0.18, 0.36), (float) random.nextDouble(0.4, 0.8), (float)
                                            random.nextDouble(0.15, 0.55)));
            double radius = CANVAS * random.nextDouble(0.03, 0.08);
            double dx = sticker ? 0 : random.nextGaussian() * CANVAS * 0.08;
            double dy = sticker ? 0 : random.nextGaussian() * CANVAS * 0.08;
            graphics.fill(new Ellipse2D.Double(x + dx - radius, y + dy - radius / 2, 2 * radius, radius));
        }
        graphics.dispose();
        int[] argb = cover.getRGB(0, 0, CANVAS, CANVAS, null, 0, CANVAS);
        for (int i = 0; i < argb.length; i++) {
            float alpha = (argb[i] >>> 24) / 255f;
            for (int c = 0; c < 3; c++) {
                scene[c][i] += alpha * ((argb[i] >> 16 - 8 * c & 0xff) / 255f - scene[c][i]);
            }
        }
    }

    private static float[][] planes(BufferedImage image) {
        int[] rgb = image.getRGB(0, 0, CANVAS, CANVAS, null, 0, CANVAS);
        float[][] planes = new float[3][rgb.length];
        for (int i = 0; i < rgb.length; i++) {
            for (int c = 0; c < 3; c++) {
                planes[c][i] = (rgb[i] >> 16 - 8 * c & 0xff) / 255f;
            }
        }
        return planes;
    }
}
