package io.cema.demo.signs;

import java.util.random.RandomGenerator;

/** What years by the road do to a face, and what light falls on it: fading, dirt, shadow, shine. */
final class Surface {
    private final SmoothNoise dirt;
    private final SmoothNoise shadow;
    private final double dirtAmount;
    private final double shadowDepth;
    private final double shadowEdge;
    private final double fading;
    private final double light;
    private final double slopeX;
    private final double slopeY;
    private final double shine;
    private final double shineX;
    private final double shineY;

    Surface(RandomGenerator random) {
        dirt = new SmoothNoise(9, random);
        shadow = new SmoothNoise(random.nextInt(3, 7), random);
        dirtAmount = random.nextInt(3) == 0 ? random.nextDouble() * 0.8 : random.nextDouble() * 0.15;
        shadowDepth = random.nextInt(5) < 2 ? random.nextDouble(0.2, 0.6) : 0;
        shadowEdge = random.nextDouble(0.35, 0.65);
        fading = random.nextDouble() * random.nextDouble() * 0.6;
        light = random.nextDouble(0.6, 1.1);
        slopeX = random.nextGaussian() * 0.1;
        slopeY = random.nextGaussian() * 0.1;
        shine = random.nextInt(6) == 0 ? random.nextDouble(0.1, 0.5) : 0;
        shineX = random.nextDouble(-0.8, 0.8);
        shineY = random.nextDouble(-0.8, 0.8);
    }

    /** Changes premultiplied colour in place; u and v as in {@link FaceTextures#sample}. */
    void weather(double u, double v, float[] rgba) {
        double x = (u + 1) / 2;
        double y = (v + 1) / 2;
        float alpha = rgba[3];
        double grey = (rgba[0] + rgba[1] + rgba[2]) / 3 * 0.5 + 0.35 * alpha;
        double soiled = dirtAmount * Math.max(0, dirt.at(x, y) - 0.45) * 1.8;
        double lit = light * (1 + slopeX * u + slopeY * v);
        double inShadow = Math.min(1, Math.max(0, (shadow.at(x, y) - shadowEdge) * 9 + 0.5));
        lit *= 1 - shadowDepth * inShadow;
        double glare = shine * Math.exp(-6 * ((u - shineX) * (u - shineX) + (v - shineY) * (v - shineY)));
        for (int c = 0; c < 3; c++) {
            double colour = rgba[c] + fading * (grey - rgba[c]);
            colour += soiled * ((0.27 - 0.05 * c) * alpha - colour);
            rgba[c] = (float) (colour * lit + glare * alpha);
        }
    }
}
