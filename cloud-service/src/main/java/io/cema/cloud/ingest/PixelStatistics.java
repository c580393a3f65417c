package io.cema.cloud.ingest;

import io.cema.protocol.image.Image;

/**
 * What an image looks like in six numbers, in grey levels: mean of red, green and blue, then their standard deviations.
 * Taken when it is decoded to be checked, so that a device can be compared with others without its pixels.
 */
record PixelStatistics(Float[] values) {
    private static final int CHANNELS = 3;

    static PixelStatistics of(Image image) {
        byte[] rgb = image.rgb();
        int pixels = rgb.length / CHANNELS;
        Float[] values = new Float[2 * CHANNELS];
        for (int channel = 0; channel < CHANNELS; channel++) {
            double sum = 0;
            double squares = 0;
            for (int at = channel; at < rgb.length; at += CHANNELS) {
                int level = rgb[at] & 255;
                sum += level;
                squares += (double) level * level;
            }
            double mean = sum / pixels;
            values[channel] = (float) mean;
            values[CHANNELS + channel] = (float) Math.sqrt(Math.max(0, squares / pixels - mean * mean));
        }
        return new PixelStatistics(values);
    }
}
