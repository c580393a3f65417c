package io.cema.cloud.compression;

import io.cema.cloud.adaptation.torch.NormMode;
import io.cema.cloud.adaptation.torch.TensorData;
import io.cema.cloud.adaptation.torch.TorchModel;
import io.cema.cloud.compression.CompressionSettings.Calibration;
import io.cema.protocol.image.Image;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Measures activations of a float32 model and chooses their ranges. One thread. */
final class RangeCalibration {
    private static final int BATCH = 32;

    private final TorchModel model;
    private final TrainingImages images;

    RangeCalibration(TorchModel model, TrainingImages images) {
        this.model = model;
        this.images = images;
    }

    /**
     * Largest magnitude to represent, by value.
     *
     * @param values names; the model's input may be among them
     */
    Map<String, Float> ranges(Collection<String> values, List<Image> of, Calibration settings) {
        Map<String, Float> largest = new LinkedHashMap<>();
        values.forEach(v -> largest.put(v, 0f));
        run(values, of, (value, x) -> largest.merge(value, magnitude(x), Math::max));
        for (Map.Entry<String, Float> entry : largest.entrySet()) {
            if (!Float.isFinite(entry.getValue())) {
                throw new CompressionException("calibration: value " + entry.getKey()
                        + " is not finite on some image; check the model and --mean and --std");
            }
        }
        if (settings.method() == CompressionSettings.Method.MIN_MAX) {
            return largest;
        }
        Map<String, MagnitudeHistogram> histograms = histograms(largest, of);
        Map<String, Float> ranges = new LinkedHashMap<>();
        histograms.forEach((value, histogram) -> ranges.put(
                value,
                settings.method() == CompressionSettings.Method.PERCENTILE
                        ? histogram.percentile(settings.percentile())
                        : histogram.leastDivergence()));
        return ranges;
    }

    /** Share of each value's magnitudes above its range, 0 to 1. */
    Map<String, Double> saturation(Map<String, Float> ranges, List<Image> of) {
        Map<String, long[]> counts = new LinkedHashMap<>();
        run(ranges.keySet(), of, (value, x) -> {
            long[] count = counts.computeIfAbsent(value, v -> new long[2]);
            float range = ranges.get(value) * (1 + 1e-6f);
            for (float v : x) {
                count[0] += Math.abs(v) > range ? 1 : 0;
            }
            count[1] += x.length;
        });
        Map<String, Double> shares = new LinkedHashMap<>();
        counts.forEach((value, count) -> shares.put(value, (double) count[0] / count[1]));
        return shares;
    }

    private Map<String, MagnitudeHistogram> histograms(Map<String, Float> largest, List<Image> of) {
        Map<String, MagnitudeHistogram> histograms = new LinkedHashMap<>();
        largest.forEach((value, range) -> histograms.put(value, new MagnitudeHistogram(range)));
        run(largest.keySet(), of, (value, x) -> histograms.get(value).add(x));
        return histograms;
    }

    @FunctionalInterface
    private interface Seen {
        void value(String name, float[] x);
    }

    private void run(Collection<String> values, List<Image> of, Seen seen) {
        Map<String, Consumer<Tensor>> observers = new LinkedHashMap<>();
        values.forEach(v -> observers.put(v, t -> seen.value(v, TensorData.floats(t))));
        String input = model.source().input().name();
        for (int from = 0; from < of.size(); from += BATCH) {
            List<Image> batch = of.subList(from, Math.min(of.size(), from + BATCH));
            float[] x = images.input(batch, model.source());
            if (observers.containsKey(input)) {
                seen.value(input, x);
            }
            try (PointerScope scope = new PointerScope()) {
                model.observe(
                        TensorData.of(
                                x,
                                batch.size(),
                                3,
                                model.source().height(),
                                model.source().width()),
                        NormMode.SOURCE,
                        observers);
            }
        }
    }

    private static float magnitude(float[] x) {
        float largest = 0;
        for (float v : x) {
            // NaN and infinity shall come through.
            largest = Math.abs(v) <= largest ? largest : Math.abs(v);
        }
        return largest;
    }
}
