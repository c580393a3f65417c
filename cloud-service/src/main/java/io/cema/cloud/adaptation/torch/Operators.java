package io.cema.cloud.adaptation.torch;

import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxNode;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/** The operators libtorch executes, by ONNX name. Batch normalisation is not among them: it has state. */
final class Operators {
    /** Reads a node's attributes, once, into a computation. */
    @FunctionalInterface
    interface Factory {
        /** @param opset version of the standard operator set, which decides what is attribute and what is input */
        Kernel create(OnnxNode node, int opset);
    }

    private static final Map<String, Factory> BY_NAME = new HashMap<>();

    static {
        ElementwiseOperators.register(BY_NAME);
        MatrixOperators.register(BY_NAME);
        WindowOperators.register(BY_NAME);
        ReductionOperators.register(BY_NAME);
        ShapeOperators.register(BY_NAME);
        NormOperators.register(BY_NAME);
    }

    private Operators() {}

    /** @throws OnnxFormatException naming node and operator if it is not supported */
    static Kernel create(OnnxNode node, int opset) {
        Factory factory = node.domain().isEmpty() ? BY_NAME.get(node.op()) : null;
        if (factory == null) {
            throw new OnnxFormatException(node.describe() + ": the operator is not supported; supported are "
                    + new TreeSet<>(BY_NAME.keySet()) + ", BatchNormalization, Constant, Dropout and Identity");
        }
        return factory.create(node, opset);
    }
}
