package io.cema.bench.network;

import io.cema.protocol.onnx.OnnxGraphEditor;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import java.util.Optional;

/**
 * Takes the Q/DQ pair out between a convolution and the residual addition that alone reads it: TensorRT computes the
 * addition inside such a convolution, and a pair between them keeps it from that (developer guide, "Q/DQ layer-placement
 * recommendations"). The other side of the addition stays quantised. ONNX Runtime has no such kernel, so the product's
 * files keep the pair, and their sums are rounded once more.
 */
final class ResidualFusion {
    private ResidualFusion() {}

    static OnnxModel of(OnnxModel quantized) {
        OnnxGraphEditor editor = quantized.edit();
        for (OnnxNode add : quantized.nodes()) {
            if (!add.is("Add")) {
                continue;
            }
            for (int side = 0; side < 2; side++) {
                if (quantized
                                .producer(add.input(1 - side))
                                .filter(ResidualFusion::isPairsEnd)
                                .isPresent()
                        && takeOut(quantized, editor, add, side)) {
                    break;
                }
            }
        }
        return editor.build();
    }

    private static boolean takeOut(OnnxModel model, OnnxGraphEditor editor, OnnxNode add, int side) {
        Optional<OnnxNode> dequantize = soleProducer(model, add.input(side)).filter(ResidualFusion::isPairsEnd);
        Optional<OnnxNode> quantize = dequantize.flatMap(n -> soleProducer(model, n.input(0)));
        Optional<OnnxNode> conv =
                quantize.flatMap(n -> soleProducer(model, n.input(0))).filter(n -> n.is("Conv"));
        if (conv.isEmpty()) {
            return false;
        }
        editor.replaceNode(editor.node(add.name()).withInput(side, conv.get().output()));
        editor.removeNode(dequantize.get().name());
        editor.removeNode(quantize.get().name());
        return true;
    }

    private static boolean isPairsEnd(OnnxNode node) {
        return node.is("DequantizeLinear");
    }

    private static Optional<OnnxNode> soleProducer(OnnxModel model, String value) {
        return model.soleConsumer(value).isPresent() ? model.producer(value) : Optional.empty();
    }
}
