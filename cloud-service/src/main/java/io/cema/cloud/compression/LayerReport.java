package io.cema.cloud.compression;

import io.cema.cloud.compression.CompressionSettings.Quantization;
import io.cema.cloud.compression.CompressionSettings.Sparsity;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.OnnxTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Says of each layer what became of it; density and 2:4 are read from the exported model. */
final class LayerReport {
    private LayerReport() {}

    static List<CompressionReport.Layer> of(
            OnnxModel dense,
            OnnxModel exported,
            CompressionSettings settings,
            Collection<String> sparse,
            Collection<String> quantised) {
        QuantizationPlan plan = new QuantizationPlan(dense);
        List<CompressionReport.Layer> layers = new ArrayList<>();
        for (WeightLayer layer : WeightLayer.of(dense)) {
            List<String> reasons = new ArrayList<>();
            boolean isSparse = sparse.contains(layer.weight());
            boolean isInt8 = quantised.contains(layer.node());
            if (!isSparse && settings.sparsity() == Sparsity.TWO_OF_FOUR) {
                reasons.add("dense: " + layer.whyDense().orElse(""));
            }
            if (!isInt8 && settings.quantization() == Quantization.INT8) {
                reasons.add("float32: " + plan.whyFloat(layer).orElse(""));
            }
            float[] weights = weights(exported, layer);
            if (isSparse && TwoOfFour.violations(layer, weights) > 0) {
                throw new IllegalStateException("layer " + layer.node() + " is not 2:4 sparse in the exported model");
            }
            layers.add(new CompressionReport.Layer(
                    layer.node(),
                    layer.op(),
                    Arrays.stream(dense.constant(layer.weight()).orElseThrow().dims())
                            .boxed()
                            .toList(),
                    density(layer, weights),
                    isSparse,
                    isInt8,
                    String.join("; ", reasons)));
        }
        return layers;
    }

    /** Stored floats, or stored integers as floats. */
    private static float[] weights(OnnxModel model, WeightLayer layer) {
        OnnxNode node = model.node(layer.node());
        Optional<OnnxTensor> floats = model.constant(node.input(1));
        if (floats.isPresent()) {
            return floats.get().floats();
        }
        long[] integers = model.producer(node.input(1))
                .flatMap(dequantize -> model.constant(dequantize.input(0)))
                .orElseThrow()
                .longs();
        float[] values = new float[integers.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = integers[i];
        }
        return values;
    }

    /** Of the layer's own weights; zeros that {@link EngineLayout} adds are none of them. */
    private static double density(WeightLayer layer, float[] weights) {
        int nonZero = 0;
        for (float w : weights) {
            nonZero += w == 0 ? 0 : 1;
        }
        return (double) nonZero / layer.size();
    }
}
