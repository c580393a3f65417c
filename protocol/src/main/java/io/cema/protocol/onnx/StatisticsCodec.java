package io.cema.protocol.onnx;

import io.cema.protocol.model.NormStatistics;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Statistics as they go up: of each channel the distance of its mean from the source's in standard deviations of the
 * source, and the logarithm of the quotient of the variances, both in half precision (11 bits). 4 bytes a channel and one
 * for the version; noise of this kind does not compress.
 */
public final class StatisticsCodec {
    private static final byte VERSION = 1;
    private static final double SMALLEST_VARIANCE = 1e-12;

    private StatisticsCodec() {}

    /** @throws IllegalArgumentException if the two are not of one model, or a number is beyond what the form holds */
    public static byte[] encode(NormStatistics statistics, NormStatistics source) {
        statistics.requireMatches(source);
        ByteBuffer bytes = ByteBuffer.allocate(1 + 4 * source.channels())
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(VERSION);
        for (int l = 0; l < source.layers().size(); l++) {
            NormStatistics.Layer have = statistics.layers().get(l);
            NormStatistics.Layer from = source.layers().get(l);
            for (int c = 0; c < from.channels(); c++) {
                double variance = from.variance()[c] + SMALLEST_VARIANCE;
                put(bytes, (have.mean()[c] - (double) from.mean()[c]) / Math.sqrt(variance), from.name(), c);
                put(bytes, Math.log((have.variance()[c] + SMALLEST_VARIANCE) / variance), from.name(), c);
            }
        }
        return bytes.array();
    }

    private static void put(ByteBuffer bytes, double value, String layer, int channel) {
        if (!(Math.abs(value) <= Half.LARGEST)) {
            throw new IllegalArgumentException("layer " + layer + ", channel " + channel + ": statistics lie " + value
                    + " from the source's; no image of its kind gives these");
        }
        bytes.putShort(Half.of((float) value));
    }

    /** @throws IllegalArgumentException if these are not statistics of the model the source's are of */
    public static NormStatistics decode(byte[] encoded, NormStatistics source) {
        ByteBuffer bytes = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
        if (encoded.length != 1 + 4 * source.channels() || bytes.get() != VERSION) {
            throw new IllegalArgumentException(
                    encoded.length + " bytes are no statistics of " + source.channels() + " channels");
        }
        List<NormStatistics.Layer> layers = new ArrayList<>();
        for (NormStatistics.Layer from : source.layers()) {
            float[] mean = new float[from.channels()];
            float[] variance = new float[from.channels()];
            for (int c = 0; c < mean.length; c++) {
                double of = from.variance()[c] + SMALLEST_VARIANCE;
                mean[c] = (float) (from.mean()[c] + Half.toFloat(bytes.getShort()) * Math.sqrt(of));
                double quotient = Math.exp(Half.toFloat(bytes.getShort()));
                variance[c] = (float) Math.max(0, of * quotient - SMALLEST_VARIANCE);
            }
            layers.add(new NormStatistics.Layer(from.name(), mean, variance));
        }
        NormStatistics statistics = new NormStatistics(layers);
        statistics.requireSound();
        return statistics;
    }

    /**
     * The numbers as they lie in it, without the model: of each channel the mean's shift and the logarithm of the variances'
     * quotient.
     *
     * @throws IllegalArgumentException if these are no statistics
     */
    public static float[] numbers(byte[] encoded) {
        ByteBuffer bytes = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
        if (encoded.length < 5 || encoded.length % 4 != 1 || bytes.get() != VERSION) {
            throw new IllegalArgumentException(encoded.length + " bytes are no statistics");
        }
        float[] numbers = new float[(encoded.length - 1) / 2];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Half.toFloat(bytes.getShort());
        }
        return numbers;
    }
}
