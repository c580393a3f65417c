package io.cema.cloud.compression;

import io.cema.protocol.onnx.OnnxModel;
import java.util.LinkedHashMap;
import java.util.Map;

/** 2:4 sparsity: of each 4 consecutive input channels, per output channel and kernel position, 2 stay. */
final class TwoOfFour {
    private static final int GROUP = 4;
    private static final int KEPT = 2;

    private TwoOfFour() {}

    /** A mask for every layer that sparse tensor cores can use, by name of its weight. */
    static Map<String, float[]> masks(OnnxModel model) {
        Map<String, float[]> masks = new LinkedHashMap<>();
        for (WeightLayer layer : WeightLayer.of(model)) {
            if (layer.whyDense().isEmpty()) {
                masks.put(
                        layer.weight(),
                        mask(layer, model.constant(layer.weight()).orElseThrow().floats()));
            }
        }
        return masks;
    }

    /** 1 where a weight stays and 0 where it goes; among equal magnitudes the first stay. */
    static float[] mask(WeightLayer layer, float[] weights) {
        float[] mask = new float[weights.length];
        for (int o = 0; o < layer.outputs(); o++) {
            for (int k = 0; k < layer.positions(); k++) {
                for (int i = 0; i < layer.inputs(); i += GROUP) {
                    keepLargest(layer, weights, mask, o, i, k);
                }
            }
        }
        return mask;
    }

    private static void keepLargest(WeightLayer layer, float[] weights, float[] mask, int o, int from, int k) {
        for (int kept = 0; kept < KEPT; kept++) {
            int best = -1;
            for (int i = from; i < from + GROUP; i++) {
                int at = layer.index(o, i, k);
                if (mask[at] == 0 && (best < 0 || Math.abs(weights[at]) > Math.abs(weights[best]))) {
                    best = at;
                }
            }
            mask[best] = 1;
        }
    }

    /** Groups of 4 that have more than 2 weights other than 0. */
    static int violations(WeightLayer layer, float[] weights) {
        int violations = 0;
        for (int o = 0; o < layer.outputs(); o++) {
            for (int k = 0; k < layer.positions(); k++) {
                for (int from = 0; from < layer.inputs(); from += GROUP) {
                    int nonZero = 0;
                    for (int i = from; i < Math.min(layer.inputs(), from + GROUP); i++) {
                        nonZero += weights[layer.index(o, i, k)] == 0 ? 0 : 1;
                    }
                    violations += nonZero > KEPT ? 1 : 0;
                }
            }
        }
        return violations;
    }
}
