package io.cema.edge.inference.tensorrt;

import io.cema.protocol.model.Digests;
import io.cema.protocol.onnx.OnnxGraphEditor;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxTensor;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model in two parts: what a refit can change, its float32 weights, and the rest. Two models of the same rest share a
 * plan. Which weights of a 2:4 sparse tensor are zero belongs to the rest, since the plan relies on it; so do the integer
 * weights, whose magnitudes no update touches.
 *
 * @param digest SHA-256 of the rest, in hexadecimal
 * @param weights the float32 initialisers
 * @param quantized whether the graph quantises, so that layers run on INT8
 */
record Skeleton(String digest, WeightSet weights, boolean quantized) {
    static Skeleton of(byte[] onnx) {
        OnnxModel model = OnnxModel.asWritten(onnx);
        Map<String, float[]> weights = new LinkedHashMap<>();
        OnnxGraphEditor empty = model.edit();
        MessageDigest digest = Digests.newSha256();
        model.initializers().forEach((name, tensor) -> {
            if (tensor.type() == OnnxTensor.Type.FLOAT) {
                weights.put(name, tensor.floats());
                digest.update(zeros(tensor.floats()));
                empty.replaceInitializer(name, new float[tensor.size()]);
            }
        });
        digest.update(empty.toBytes());
        boolean quantized = model.nodes().stream().anyMatch(n -> n.is("QuantizeLinear"));
        return new Skeleton(HexFormat.of().formatHex(digest.digest()), WeightSet.of(weights), quantized);
    }

    /** Where the zeros are if at least half of the weights are zero, nothing otherwise. */
    private static byte[] zeros(float[] weights) {
        int count = 0;
        for (float weight : weights) {
            count += weight == 0 ? 1 : 0;
        }
        if (weights.length < 4 || 2L * count < weights.length) {
            return new byte[0];
        }
        byte[] mask = new byte[weights.length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = (byte) (weights[i] == 0 ? 1 : 0);
        }
        return mask;
    }
}
