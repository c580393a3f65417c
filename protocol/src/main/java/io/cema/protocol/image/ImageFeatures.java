package io.cema.protocol.image;

/**
 * A few numbers that say how an image looks and hardly what it shows: brightness, contrast and colour, and the energy of
 * edges and of fine grain at two scales. Weather, darkness, blur and noise move them; so a change of domain shows in
 * their distribution over some tens of images, without any model. Most are ratios: how much there is to see in an image
 * changes with what it shows, how sharp that is changes with the weather. Energies are logarithmic. Stateless, any thread.
 */
public final class ImageFeatures {
    /** Features of one image. */
    public static final int COUNT = 13;

    /** Below one grey level of 255 an energy is rounding. */
    private static final double FLOOR = 1.0 / 255;

    private ImageFeatures() {}

    /**
     * @return length {@link #COUNT}: mean luminance (0 to 1), red less green, blue less yellow; logs of the contrast (standard
     *     deviation of luminance) and of the mean colourfulness; of the gradients over the contrast; of horizontal over
     *     vertical gradients; of the second differences over the gradients; of the gradients at half scale over those at
     *     full scale; of horizontal over vertical ones at half scale; of second differences over gradients there; the
     *     skewness of luminance; last the log of the gradients of colour over those of luminance: noise of a sensor's
     *     pixels is as strong in colour, and compression takes colour first
     */
    public static double[] of(Image image) {
        int width = image.width();
        int height = image.height();
        byte[] rgb = image.rgb();
        double[] grey = new double[width * height];
        double[] redGreen = new double[grey.length];
        double[] blueYellow = new double[grey.length];
        double[] sums = new double[3];
        double colour = 0;
        for (int i = 0; i < grey.length; i++) {
            double r = (rgb[3 * i] & 0xff) / 255.0;
            double g = (rgb[3 * i + 1] & 0xff) / 255.0;
            double b = (rgb[3 * i + 2] & 0xff) / 255.0;
            grey[i] = (r + g + b) / 3;
            redGreen[i] = r - g;
            blueYellow[i] = b - (r + g) / 2;
            sums[0] += r;
            sums[1] += g;
            sums[2] += b;
            colour += Math.abs(r - grey[i]) + Math.abs(g - grey[i]) + Math.abs(b - grey[i]);
        }
        double n = grey.length;
        double mean = (sums[0] + sums[1] + sums[2]) / 3 / n;
        double second = 0;
        double third = 0;
        for (double v : grey) {
            double d = v - mean;
            second += d * d;
            third += d * d * d;
        }
        double deviation = Math.sqrt(second / n);
        double[] features = new double[COUNT];
        features[0] = mean;
        features[1] = (sums[0] - sums[1]) / n;
        features[2] = (sums[2] - (sums[0] + sums[1]) / 2) / n;
        features[3] = Math.log(deviation + FLOOR);
        features[4] = Math.log(colour / n / 3 + FLOOR);
        Energies full = Energies.of(grey, width, height);
        features[5] = full.gradient() - features[3];
        features[6] = full.horizontal - full.vertical;
        features[7] = full.curvature - full.gradient();
        if (width >= 4 && height >= 4) {
            Energies half = Energies.of(halved(grey, width, height), width / 2, height / 2);
            features[8] = half.gradient() - full.gradient();
            features[9] = half.horizontal - half.vertical;
            features[10] = half.curvature - half.gradient();
        }
        double cube = Math.pow(deviation + FLOOR, 3);
        features[11] = third / n / cube;
        features[12] = (Energies.of(redGreen, width, height).gradient()
                                + Energies.of(blueYellow, width, height).gradient())
                        / 2
                - full.gradient();
        return features;
    }

    /** Logs of the mean absolute differences to the right, downwards, and of second order without a direction. */
    private record Energies(double horizontal, double vertical, double curvature) {
        static Energies of(double[] grey, int width, int height) {
            double horizontal = 0;
            double vertical = 0;
            double curvature = 0;
            int inner = 0;
            for (int y = 1; y < height - 1; y++) {
                for (int x = 1; x < width - 1; x++) {
                    int i = y * width + x;
                    horizontal += Math.abs(grey[i + 1] - grey[i]);
                    vertical += Math.abs(grey[i + width] - grey[i]);
                    curvature += Math.abs(4 * grey[i] - grey[i - 1] - grey[i + 1] - grey[i - width] - grey[i + width]);
                    inner++;
                }
            }
            int count = Math.max(1, inner);
            return new Energies(log(horizontal / count), log(vertical / count), log(curvature / count));
        }

        private static double log(double energy) {
            return Math.log(energy + FLOOR);
        }

        double gradient() {
            return (horizontal + vertical) / 2;
        }
    }

    private static double[] halved(double[] grey, int width, int height) {
        int w = width / 2;
        int h = height / 2;
        double[] half = new double[w * h];
        for (int y = 0; y < h; y++) {
            for (int x = 0; x < w; x++) {
                int i = 2 * y * width + 2 * x;
                half[y * w + x] = (grey[i] + grey[i + 1] + grey[i + width] + grey[i + width + 1]) / 4;
            }
        }
        return half;
    }
}
