package io.cema.demo.signs;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/** Every face drawn once, flat, at high resolution. Immutable, shared by all threads. */
final class FaceTextures {
    static final int SIDE = 192;

    private final Map<SignClass, float[]> textures = new EnumMap<>(SignClass.class);

    FaceTextures() {
        for (SignClass sign : SignClass.values()) {
            BufferedImage image = render(sign);
            int[] argb = image.getRGB(0, 0, SIDE, SIDE, null, 0, SIDE);
            float[] rgba = new float[argb.length * 4];
            for (int i = 0; i < argb.length; i++) {
                float alpha = (argb[i] >>> 24) / 255f;
                rgba[4 * i] = (argb[i] >> 16 & 0xff) / 255f * alpha;
                rgba[4 * i + 1] = (argb[i] >> 8 & 0xff) / 255f * alpha;
                rgba[4 * i + 2] = (argb[i] & 0xff) / 255f * alpha;
                rgba[4 * i + 3] = alpha;
            }
            textures.put(sign, rgba);
        }
    }

    static BufferedImage render(SignClass sign) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = image.createGraphics();
        sign.draw(new FacePen(graphics, SIDE));
        graphics.dispose();
        return image;
    }

    /**
     * The face at a place, bilinear.
     *
     * @param u -1 to 1 across the face, the margin beyond; v likewise, downwards
     * @param rgba receives premultiplied red, green, blue and alpha, 0 to 1; all 0 beside the texture
     */
    void sample(SignClass sign, double u, double v, float[] rgba) {
        double x = (u * 0.48 + 0.5) * SIDE - 0.5;
        double y = (v * 0.48 + 0.5) * SIDE - 0.5;
        int x0 = (int) Math.floor(x);
        int y0 = (int) Math.floor(y);
        if (x0 < 0 || y0 < 0 || x0 >= SIDE - 1 || y0 >= SIDE - 1) {
            Arrays.fill(rgba, 0);
            return;
        }
        float fx = (float) (x - x0);
        float fy = (float) (y - y0);
        float[] texture = textures.get(sign);
        int i = 4 * (y0 * SIDE + x0);
        int below = i + 4 * SIDE;
        for (int c = 0; c < 4; c++) {
            float upper = texture[i + c] + fx * (texture[i + 4 + c] - texture[i + c]);
            float lower = texture[below + c] + fx * (texture[below + 4 + c] - texture[below + c]);
            rgba[c] = upper + fy * (lower - upper);
        }
    }
}
