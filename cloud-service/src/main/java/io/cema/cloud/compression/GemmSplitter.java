package io.cema.cloud.compression;

import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxGraphEditor;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.OnnxTensor;

/**
 * Writes a Gemm y = x W + b as a MatMul and an Add. ONNX Runtime computes a Gemm in integers only with an INT32 bias, which
 * TensorRT refuses; the pair suits both.
 */
final class GemmSplitter {
    private GemmSplitter() {}

    /** The model with every plain Gemm over stored weights split; others stay. */
    static OnnxModel split(OnnxModel model) {
        OnnxGraphEditor editor = model.edit();
        boolean changed = false;
        for (OnnxNode node : model.nodes()) {
            if (node.is("Gemm") && isPlain(model, node)) {
                split(model, editor, node);
                changed = true;
            }
        }
        return changed ? editor.build() : model;
    }

    private static boolean isPlain(OnnxModel model, OnnxNode gemm) {
        OnnxAttributes attributes = gemm.attributes();
        return attributes.integer("transA", 0) == 0
                && attributes.real("alpha", 1) == 1
                && attributes.real("beta", 1) == 1
                && model.constant(gemm.input(1))
                        .filter(w -> w.type() == OnnxTensor.Type.FLOAT && w.dims().length == 2)
                        .isPresent();
    }

    private static void split(OnnxModel model, OnnxGraphEditor editor, OnnxNode gemm) {
        OnnxTensor weight = model.constant(gemm.input(1)).orElseThrow();
        boolean transposed = gemm.attributes().integer("transB", 0) != 0;
        String name = editor.unusedName(gemm.name() + ".matrix");
        editor.addInitializer(transposed ? transpose(weight, name) : weight.named(name));
        boolean biased = gemm.hasInput(2);
        String product = biased ? editor.unusedName(gemm.output() + ".product") : gemm.output();
        editor.replaceNode(OnnxNode.of(gemm.name(), "MatMul", OnnxAttributes.none(), product, gemm.input(0), name));
        if (biased) {
            editor.addNode(OnnxNode.of(
                    editor.unusedName(gemm.name() + ".add"),
                    "Add",
                    OnnxAttributes.none(),
                    gemm.output(),
                    product,
                    gemm.input(2)));
        }
    }

    private static OnnxTensor transpose(OnnxTensor weight, String name) {
        float[] from = weight.floats();
        int rows = (int) weight.dims()[0];
        int columns = (int) weight.dims()[1];
        float[] to = new float[from.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                to[c * rows + r] = from[r * columns + c];
            }
        }
        return OnnxTensor.of(name, to, columns, rows);
    }
}
