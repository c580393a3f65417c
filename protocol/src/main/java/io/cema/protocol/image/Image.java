package io.cema.protocol.image;

/**
 * One image as pixels: interleaved RGB, 8 bits each, rows from the top. The array is owned by the record; do not write
 * to it.
 *
 * @param width pixels
 * @param height pixels
 * @param rgb length width * height * 3
 */
public record Image(int width, int height, byte[] rgb) {
    public Image {
        if (width < 1 || height < 1 || rgb.length != width * height * 3) {
            throw new IllegalArgumentException("image " + width + "x" + height + " needs " + (long) width * height * 3
                    + " bytes, has " + rgb.length);
        }
    }
}
