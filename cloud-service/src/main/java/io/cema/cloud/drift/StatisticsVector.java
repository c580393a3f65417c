package io.cema.cloud.drift;

import io.cema.protocol.onnx.StatisticsCodec;
import java.util.Optional;

/** Normalisation statistics as numbers to compare: of some channels, since neighbours tell much the same. */
final class StatisticsVector {
    private static final int MOST_CHANNELS = 256;
    private static final float FARTHEST = 100;

    private StatisticsVector() {}

    /** Empty if these are no statistics. */
    static Optional<double[]> of(byte[] encoded) {
        float[] numbers;
        try {
            numbers = StatisticsCodec.numbers(encoded);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        int channels = numbers.length / 2;
        int every = (channels + MOST_CHANNELS - 1) / MOST_CHANNELS;
        double[] vector = new double[2 * ((channels + every - 1) / every)];
        for (int i = 0; i < vector.length; i++) {
            float number = numbers[2 * every * (i / 2) + i % 2];
            if (Float.isNaN(number)) {
                return Optional.empty();
            }
            vector[i] = Math.max(-FARTHEST, Math.min(FARTHEST, number));
        }
        return Optional.of(vector);
    }
}
