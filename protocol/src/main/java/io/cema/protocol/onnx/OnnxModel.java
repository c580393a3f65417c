package io.cema.protocol.onnx;

import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.NormLayer;
import java.util.List;

/**
 * A parsed, checked ONNX classifier: one float32 input [batch, 3, H, W], one float32 output [batch, C], nodes in
 * topological order. Immutable.
 */
public final class OnnxModel {
    private OnnxModel() {}

    /**
     * Parses and checks.
     *
     * @throws OnnxFormatException truncated, not ONNX, opset below 11, several inputs, sizes other than the batch
     *     dynamic, not a classifier
     */
    public static OnnxModel parse(byte[] bytes) {
        throw new UnsupportedOperationException("onnx room");
    }

    /** Normalisation layers in graph order, native and composed ones alike; empty if the model has none. */
    public List<NormLayer> normLayers() {
        throw new UnsupportedOperationException("onnx room");
    }

    /** The model's own effective affine, the base of every update. */
    public AffineParameters affine() {
        throw new UnsupportedOperationException("onnx room");
    }

    /** The file. */
    public byte[] toBytes() {
        throw new UnsupportedOperationException("onnx room");
    }
}
