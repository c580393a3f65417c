package io.cema.protocol.onnx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds every value that is a stored constant, also behind the Identity and Unsqueeze nodes exporters put before it. */
final class ConstantFinder {
    private final List<OnnxNode> nodes;
    private final Map<String, OnnxTensor> found;
    private final int opset;

    ConstantFinder(List<OnnxNode> nodes, Map<String, OnnxTensor> initializers, int opset) {
        this.nodes = nodes;
        this.found = new HashMap<>(initializers);
        this.opset = opset;
    }

    Map<String, OnnxTensor> find() {
        for (OnnxNode node : nodes) {
            constant(node).ifPresent(t -> found.put(node.output(), t.named(node.output())));
        }
        return Map.copyOf(found);
    }

    private Optional<OnnxTensor> constant(OnnxNode node) {
        if (node.is("Constant")) {
            return ofConstant(node);
        }
        OnnxTensor source = found.get(node.input(0));
        if (source == null) {
            return Optional.empty();
        }
        if (node.is("Identity")) {
            return Optional.of(source);
        }
        if (node.is("Unsqueeze")) {
            Optional<long[]> axes = opset < 13
                    ? node.attributes().integers("axes")
                    : Optional.ofNullable(found.get(node.input(1))).map(OnnxTensor::longs);
            return axes.map(a -> unsqueeze(source, a));
        }
        return Optional.empty();
    }

    private static Optional<OnnxTensor> ofConstant(OnnxNode node) {
        OnnxAttributes attributes = node.attributes();
        if (attributes.has("value_float")) {
            return Optional.of(OnnxTensor.of(node.output(), new float[] {(float) attributes.real("value_float", 0)}));
        }
        if (attributes.has("value_int")) {
            return Optional.of(OnnxTensor.of(node.output(), new long[] {attributes.integer("value_int", 0)}));
        }
        if (attributes.has("value_ints")) {
            long[] values = attributes.integers("value_ints").orElseThrow();
            return Optional.of(OnnxTensor.of(node.output(), values, values.length));
        }
        if (attributes.has("value_floats")) {
            float[] values = attributes.reals("value_floats").orElseThrow();
            return Optional.of(OnnxTensor.of(node.output(), values, values.length));
        }
        return attributes.tensor("value");
    }

    private static OnnxTensor unsqueeze(OnnxTensor source, long[] axes) {
        long[] dims = source.dims();
        long[] result = new long[dims.length + axes.length];
        for (long axis : axes) {
            result[Math.toIntExact(axis < 0 ? axis + result.length : axis)] = 1;
        }
        int next = 0;
        for (int i = 0; i < result.length; i++) {
            if (result[i] == 0) {
                result[i] = dims[next++];
            }
        }
        return source.reshaped(result);
    }
}
