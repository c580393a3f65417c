package io.cema.protocol.onnx;

import io.cema.protocol.model.NormKind;
import io.cema.protocol.model.NormLayer;
import io.cema.protocol.onnx.NormSite.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the normalisation layers of a graph: the native operators, group normalisation as exporters compose it
 * (Reshape, InstanceNormalization, Reshape, Mul, Add), and layer normalisation written out (ReduceMean, Sub, Pow,
 * ReduceMean, Add, Sqrt, Div, Mul, Add).
 */
final class NormFinder {
    private static final double DEFAULT_EPSILON = 1e-5;

    private final OnnxModel model;
    private final Set<String> restored;

    NormFinder(OnnxModel model) {
        this.model = model;
        this.restored = Set.copyOf(Arrays.asList(
                model.metadata().getOrDefault(OnnxModel.RESTORED_LAYERS, "").split("\n")));
    }

    List<NormSite> find() {
        List<NormSite> sites = new ArrayList<>();
        for (OnnxNode node : model.nodes()) {
            if (!node.domain().isEmpty()) {
                continue;
            }
            switch (node.op()) {
                case "BatchNormalization" -> sites.add(batch(node));
                case "LayerNormalization" -> sites.add(single(node, NormKind.LAYER));
                case "GroupNormalization" -> sites.add(single(node, NormKind.GROUP));
                case "InstanceNormalization" ->
                    sites.add(composedGroup(node).orElseGet(() -> single(node, NormKind.INSTANCE)));
                case "Div" -> composedLayer(node).ifPresent(sites::add);
                default -> {
                    // Not a normalisation layer.
                }
            }
        }
        return List.copyOf(sites);
    }

    private NormSite batch(OnnxNode node) {
        if (node.attributes().integer("training_mode", 0) != 0) {
            throw new OnnxFormatException(
                    node.describe() + " is in training mode; export the model in evaluation mode");
        }
        Parameter gamma = parameter(node, 1, "scale");
        long channels = gamma.constant().size();
        Parameter beta = sized(parameter(node, 2, "shift"), channels);
        Parameter mean = sized(parameter(node, 3, "running mean"), channels);
        Parameter variance = sized(parameter(node, 4, "running variance"), channels);
        return new NormSite(
                layer(node, NormKind.BATCH, channels, node),
                List.of(node.name()),
                node.input(0),
                node.output(),
                gamma,
                Optional.of(beta),
                Optional.of(mean),
                Optional.of(variance));
    }

    private NormSite single(OnnxNode node, NormKind kind) {
        Parameter gamma = parameter(node, 1, "scale");
        long channels = gamma.constant().size();
        Optional<Parameter> beta =
                node.hasInput(2) ? Optional.of(sized(parameter(node, 2, "shift"), channels)) : Optional.empty();
        return new NormSite(
                layer(node, kind, channels, node),
                List.of(node.name()),
                node.input(0),
                node.output(),
                gamma,
                beta,
                Optional.empty(),
                Optional.empty());
    }

    private Optional<NormSite> composedGroup(OnnxNode instance) {
        Optional<OnnxNode> before = model.producer(instance.input(0)).filter(n -> n.is("Reshape"));
        Optional<OnnxNode> after = model.soleConsumer(instance.output()).filter(n -> n.is("Reshape"));
        if (before.isEmpty() || after.isEmpty()) {
            return Optional.empty();
        }
        return affineAfter(after.get().output())
                .map(affine -> new NormSite(
                        layer(instance, NormKind.GROUP, affine.gamma.constant().size(), instance),
                        List.of(
                                before.get().name(),
                                instance.name(),
                                after.get().name(),
                                affine.mul.name(),
                                affine.add.name()),
                        before.get().input(0),
                        affine.add.output(),
                        affine.gamma,
                        Optional.of(affine.beta),
                        Optional.empty(),
                        Optional.empty()));
    }

    private Optional<NormSite> composedLayer(OnnxNode div) {
        OnnxNode centred = model.producer(div.input(0)).orElse(null);
        OnnxNode root = model.producer(div.input(1)).orElse(null);
        if (centred == null || root == null || !centred.is("Sub") || !root.is("Sqrt")) {
            return Optional.empty();
        }
        OnnxNode mean = model.producer(centred.input(1)).orElse(null);
        OnnxNode plus = model.producer(root.input(0)).orElse(null);
        if (mean == null
                || plus == null
                || !mean.is("ReduceMean")
                || !plus.is("Add")
                || !mean.input(0).equals(centred.input(0))) {
            return Optional.empty();
        }
        int epsilonInput = model.constant(plus.input(1)).isPresent() ? 1 : 0;
        Optional<OnnxTensor> epsilon = model.constant(plus.input(epsilonInput)).filter(t -> t.size() == 1);
        OnnxNode variance = model.producer(plus.input(1 - epsilonInput)).orElse(null);
        if (epsilon.isEmpty() || variance == null || !variance.is("ReduceMean")) {
            return Optional.empty();
        }
        OnnxNode square = model.producer(variance.input(0)).orElse(null);
        if (square == null || !isSquareOf(square, centred)) {
            return Optional.empty();
        }
        return affineAfter(div.output())
                .map(affine -> new NormSite(
                        new NormLayer(
                                div.name(),
                                NormKind.LAYER,
                                affine.gamma.constant().size(),
                                epsilon.get().floats()[0],
                                false),
                        List.of(
                                mean.name(),
                                centred.name(),
                                square.name(),
                                variance.name(),
                                plus.name(),
                                root.name(),
                                div.name(),
                                affine.mul.name(),
                                affine.add.name()),
                        centred.input(0),
                        affine.add.output(),
                        affine.gamma,
                        Optional.of(affine.beta),
                        Optional.empty(),
                        Optional.empty()));
    }

    private boolean isSquareOf(OnnxNode square, OnnxNode centred) {
        boolean isSquare = square.is("Pow")
                        && model.constant(square.input(1))
                                .filter(t -> t.size() == 1 && exponent(t) == 2)
                                .isPresent()
                || square.is("Mul") && square.input(0).equals(square.input(1));
        // PyTorch code that writes (x - u) twice is exported with two equal Sub nodes.
        return isSquare
                && model.producer(square.input(0))
                        .filter(n -> n.is("Sub") && n.inputs().equals(centred.inputs()))
                        .isPresent();
    }

    private static double exponent(OnnxTensor tensor) {
        return tensor.type().isFloating() ? tensor.floats()[0] : tensor.longs()[0];
    }

    private record Affine(OnnxNode mul, OnnxNode add, Parameter gamma, Parameter beta) {}

    /** A Mul and an Add with constants of the same size, the only readers one after the other. */
    private Optional<Affine> affineAfter(String value) {
        OnnxNode mul = model.soleConsumer(value).filter(n -> n.is("Mul")).orElse(null);
        if (mul == null) {
            return Optional.empty();
        }
        OnnxNode add = model.soleConsumer(mul.output()).filter(n -> n.is("Add")).orElse(null);
        if (add == null) {
            return Optional.empty();
        }
        int gammaInput = mul.input(0).equals(value) ? 1 : 0;
        int betaInput = add.input(0).equals(mul.output()) ? 1 : 0;
        Optional<OnnxTensor> gamma = model.constant(mul.input(gammaInput));
        Optional<OnnxTensor> beta = model.constant(add.input(betaInput));
        if (gamma.isEmpty()
                || beta.isEmpty()
                || gamma.get().size() != beta.get().size()) {
            return Optional.empty();
        }
        return Optional.of(new Affine(
                mul,
                add,
                new Parameter(mul.name(), gammaInput, gamma.get()),
                new Parameter(add.name(), betaInput, beta.get())));
    }

    private Parameter parameter(OnnxNode node, int input, String role) {
        return model.constant(node.input(input))
                .map(t -> new Parameter(node.name(), input, t))
                .orElseThrow(() -> new OnnxFormatException(node.describe() + ": its " + role + " (" + node.input(input)
                        + ") is computed, not stored; export the model with constant folding"));
    }

    private Parameter sized(Parameter parameter, long channels) {
        if (parameter.constant().size() != channels) {
            throw new OnnxFormatException("node " + parameter.node() + " has " + channels + " channels, its parameter "
                    + parameter.constant().name() + " has "
                    + parameter.constant().size());
        }
        return parameter;
    }

    private NormLayer layer(OnnxNode named, NormKind kind, long channels, OnnxNode withEpsilon) {
        double epsilon = withEpsilon.attributes().real("epsilon", DEFAULT_EPSILON);
        return new NormLayer(named.name(), kind, Math.toIntExact(channels), epsilon, restored.contains(named.name()));
    }
}
