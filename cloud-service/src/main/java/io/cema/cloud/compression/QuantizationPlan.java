package io.cema.cloud.compression;

import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * What of a model is computed in integers: convolutions and matrix products with stored weights, and what lies between
 * them (residual additions, pooling, moving about) so that no value leaves the integers on the way.
 */
final class QuantizationPlan {
    private static final Set<String> MOVING =
            Set.of("Slice", "Pad", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "MaxPool");
    /** A last layer of no more weights takes less time in float32 than the change of its input and its weights. */
    private static final int SMALL_LAST_LAYER = 1 << 14;

    private static final Set<String> POOLING = Set.of("GlobalAveragePool", "AveragePool");

    private final OnnxModel model;
    private final Map<String, WeightLayer> layers = new LinkedHashMap<>();
    private final Map<String, Boolean> integer = new HashMap<>();
    /** Activations to quantise, each with the value whose range it takes. */
    private final Map<String, String> activations = new LinkedHashMap<>();
    /** Inputs of nodes that read a quantised activation. */
    private final Map<String, Set<Integer>> readers = new LinkedHashMap<>();

    QuantizationPlan(OnnxModel model) {
        this.model = model;
        for (WeightLayer layer : WeightLayer.of(model)) {
            if (whyFloat(layer).isEmpty()) {
                layers.put(layer.node(), layer);
            }
        }
        for (OnnxNode node : model.nodes()) {
            if (layers.containsKey(node.name())) {
                read(node, 0);
            } else if (isBetween(node)) {
                dataInputs(node).forEach(i -> read(node, i));
            }
        }
    }

    private void read(OnnxNode node, int input) {
        activations.computeIfAbsent(node.input(input), this::rangeSource);
        readers.computeIfAbsent(node.name(), n -> new TreeSet<>()).add(input);
    }

    /** What is only moved about keeps its range, so that quantising it again changes nothing. */
    private String rangeSource(String value) {
        Optional<OnnxNode> producer = model.producer(value);
        while (producer.isPresent()
                && MOVING.contains(producer.get().op())
                && isInteger(producer.get().input(0))) {
            value = producer.get().input(0);
            producer = model.producer(value);
        }
        return value;
    }

    /** Why a layer stays in float32; empty if it is quantised. */
    Optional<String> whyFloat(WeightLayer layer) {
        if (layer.op().equals("Gemm")) {
            return Optional.of("a Gemm with a transposed input or factors has no integer kernel with a float bias");
        }
        if (model.consumers(layer.weight()).size() != 1) {
            return Optional.of("its weights are shared with another layer");
        }
        if (layer.size() <= SMALL_LAST_LAYER && isLast(layer)) {
            return Optional.of("a small last layer, which is faster in float32");
        }
        return Optional.empty();
    }

    /** True if what the layer makes is the model's output, as it is or with a bias. */
    private boolean isLast(WeightLayer layer) {
        String value = model.node(layer.node()).output();
        Optional<OnnxNode> next = model.soleConsumer(value).filter(n -> n.is("Add") || n.is("Identity"));
        while (next.isPresent()) {
            value = next.get().output();
            next = model.soleConsumer(value).filter(n -> n.is("Identity"));
        }
        return value.equals(model.output().name());
    }

    private boolean isBetween(OnnxNode node) {
        boolean moves = MOVING.contains(node.op()) || POOLING.contains(node.op());
        boolean joins = (node.is("Add") || node.is("Concat"))
                && node.inputs().stream().noneMatch(i -> model.constant(i).isPresent());
        return node.domain().isEmpty()
                && (moves || joins)
                && dataInputs(node).stream().allMatch(i -> isInteger(node.input(i)));
    }

    private static List<Integer> dataInputs(OnnxNode node) {
        return node.is("Add") || node.is("Concat")
                ? IntStream.range(0, node.inputs().size()).boxed().toList()
                : List.of(0);
    }

    /** True if an integer kernel can make this value. */
    private boolean isInteger(String value) {
        Boolean known = integer.get(value);
        if (known == null) {
            known = model.producer(value).map(this::makesIntegers).orElse(false);
            integer.put(value, known);
        }
        return known;
    }

    private boolean makesIntegers(OnnxNode node) {
        if (node.is("Conv")) {
            return layers.containsKey(node.name());
        }
        if (node.is("BatchNormalization")) {
            // Only where it folds into the convolution before it.
            return model.soleConsumer(node.input(0)).isPresent()
                    && model.producer(node.input(0)).filter(n -> n.is("Conv")).isPresent()
                    && isInteger(node.input(0));
        }
        if (node.is("Relu") || node.is("Clip") || node.is("Identity") || node.is("Dropout")) {
            return isInteger(node.input(0));
        }
        return isBetween(node);
    }

    /** Layers whose weights become integers, in the order of the graph. */
    List<WeightLayer> layers() {
        return List.copyOf(layers.values());
    }

    /** Values to quantise, each with the value whose range it has. */
    Map<String, String> activations() {
        return activations;
    }

    /** By node, the inputs that read a quantised value. */
    Map<String, Set<Integer>> readers() {
        return readers;
    }

    /** True if the value cannot be below 0. */
    boolean isNonNegative(String value) {
        Optional<OnnxNode> producer = model.producer(value);
        if (producer.isEmpty()) {
            return false;
        }
        OnnxNode node = producer.get();
        return switch (node.op()) {
            case "Relu", "Sigmoid", "HardSigmoid", "Softmax" -> true;
            case "Clip" ->
                node.hasInput(1)
                        && model.constant(node.input(1))
                                .filter(c -> c.size() == 1 && c.floats()[0] >= 0)
                                .isPresent();
            case "Pad" ->
                isNonNegative(node.input(0))
                        && (!node.hasInput(2)
                                || model.constant(node.input(2))
                                        .filter(c -> c.size() == 1 && c.floats()[0] >= 0)
                                        .isPresent());
            case "Add" -> isNonNegative(node.input(0)) && isNonNegative(node.input(1));
            case "Slice",
                    "Flatten",
                    "Reshape",
                    "Squeeze",
                    "Unsqueeze",
                    "Transpose",
                    "MaxPool",
                    "GlobalAveragePool",
                    "AveragePool",
                    "Identity",
                    "Dropout" -> isNonNegative(node.input(0));
            default -> false;
        };
    }
}
