package io.cema.bench.network;

import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxGraphEditor;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.OnnxTensor;

/**
 * A float32 network computed in float16. A strongly typed engine takes the type of every value from the file: all float32
 * constants become float16, scales of Q/DQ pairs too (operator set 19), with one Cast behind the input and one before the
 * output. These two stay float32, so that every form is fed and read alike and is timed with the same bytes copied.
 */
final class HalfPrecision {
    private HalfPrecision() {}

    /** @param model whose nodes fix no type themselves, such as by a Cast or a Constant */
    static byte[] of(OnnxModel model) {
        OnnxGraphEditor editor = model.edit();
        model.initializers().values().stream()
                .filter(t -> t.type() == OnnxTensor.Type.FLOAT)
                .forEach(t -> editor.replaceInitializer(t.asFloat16()));
        String input = model.input().name();
        String narrow = editor.unusedName(input + ".half");
        editor.rewire(input, narrow).addNode(cast(narrow, input, OnnxTensor.Type.FLOAT16));
        String output = model.output().name();
        String wide = editor.unusedName(output + ".half");
        OnnxNode last = editor.node(model.producer(output).orElseThrow().name());
        editor.replaceNode(last.withOutput(wide)).addNode(cast(output, wide, OnnxTensor.Type.FLOAT));
        return editor.toBytes();
    }

    private static OnnxNode cast(String to, String from, OnnxTensor.Type type) {
        return OnnxNode.of(to + ".cast", "Cast", OnnxAttributes.none().with("to", type.code()), to, from);
    }
}
