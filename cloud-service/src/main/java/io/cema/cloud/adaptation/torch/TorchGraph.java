package io.cema.cloud.adaptation.torch;

import io.cema.protocol.onnx.NormSite;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxGraphEditor;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.OnnxTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The nodes that lead to the output, as a list of computations over numbered values. Confined to one thread at a time;
 * owns the constants.
 */
final class TorchGraph implements AutoCloseable {
    /**
     * One computation.
     *
     * @param inputs numbers of the values it reads, -1 where an optional one is left out
     * @param outputs numbers of the values it makes, -1 where one is not wanted
     * @param released values nobody reads later
     */
    private record Step(OnnxNode node, Kernel kernel, int[] inputs, int[] outputs, int[] released) {}

    private final OnnxModel model;
    private final TorchSettings settings;
    private final List<Step> steps = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    /** Constants by number, null elsewhere. */
    private final List<Tensor> constants = new ArrayList<>();
    /** Weights of convolutions and matrix products by the name of the value. */
    private final Map<String, Tensor> weights = new LinkedHashMap<>();

    private final Set<Tensor> owned = new HashSet<>();
    private final int input;
    private final int output;
    private boolean weightsEnabled;

    TorchGraph(OnnxModel model, List<NormUnit> units, TorchSettings settings) {
        this.model = model;
        this.settings = settings;
        this.input = number(model.input().name());
        Map<String, NormUnit> batchNorms = new HashMap<>();
        Map<String, Map<Integer, Tensor>> parameters = new HashMap<>();
        for (NormUnit unit : units) {
            NormSite site = unit.site();
            if (site.layer().kind().hasRunningStatistics()) {
                batchNorms.put(site.gamma().node(), unit);
            } else {
                put(parameters, site.gamma().node(), site.gamma().input(), unit.gamma());
                put(
                        parameters,
                        site.beta()
                                .map(NormSite.Parameter::node)
                                .orElse(site.gamma().node()),
                        site.beta().map(NormSite.Parameter::input).orElse(2),
                        unit.beta());
            }
        }
        for (OnnxNode node : live()) {
            compile(node, batchNorms.get(node.name()), parameters.getOrDefault(node.name(), Map.of()));
        }
        this.output = number(model.output().name());
        releaseEarly();
    }

    private static void put(Map<String, Map<Integer, Tensor>> parameters, String node, int index, Tensor tensor) {
        parameters.computeIfAbsent(node, n -> new HashMap<>()).put(index, tensor);
    }

    /** The nodes the output needs, constants left out, in topological order. */
    private List<OnnxNode> live() {
        Set<String> needed = new HashSet<>(Set.of(model.output().name()));
        List<OnnxNode> reversed = new ArrayList<>();
        List<OnnxNode> nodes = model.nodes();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            OnnxNode node = nodes.get(i);
            boolean constant = model.constant(node.output()).isPresent();
            if (!constant && node.outputs().stream().anyMatch(needed::contains)) {
                needed.addAll(node.inputs());
                reversed.add(node);
            }
        }
        Collections.reverse(reversed);
        return reversed;
    }

    private int number(String value) {
        return numbers.computeIfAbsent(value, v -> {
            Tensor constant = model.constant(v).map(this::load).orElse(null);
            constants.add(constant);
            return constants.size() - 1;
        });
    }

    /** Integers are sizes and indices: they stay on the CPU, where they are read. */
    private Tensor load(OnnxTensor constant) {
        Tensor tensor = TensorData.of(constant);
        return constant.type().isFloating() ? keep(tensor) : owned(tensor);
    }

    private Tensor keep(Tensor floats) {
        Tensor placed = TensorData.on(floats, settings.device());
        if (placed.dim() == 4) {
            placed = placed.contiguous(torch.MemoryFormat.ChannelsLast);
        }
        return owned(placed);
    }

    private Tensor owned(Tensor tensor) {
        tensor.retainReference();
        owned.add(tensor);
        return tensor;
    }

    private void compile(OnnxNode node, NormUnit batchNorm, Map<Integer, Tensor> parameters) {
        if (node.is("Identity") || node.is("Dropout")) {
            // Another name for the same value: a copy would have a life of its own.
            numbers.put(node.output(), number(node.input(0)));
            return;
        }
        if (node.is("DequantizeLinear")) {
            numbers.put(node.output(), dequantized(node));
            return;
        }
        int arity = Math.max(
                node.inputs().size(),
                parameters.keySet().stream().mapToInt(i -> i + 1).max().orElse(0));
        int[] inputs = new int[batchNorm == null ? arity : 1];
        for (int i = 0; i < inputs.length; i++) {
            if (parameters.containsKey(i)) {
                constants.add(parameters.get(i));
                inputs[i] = constants.size() - 1;
            } else {
                inputs[i] = node.hasInput(i) ? number(node.input(i)) : -1;
            }
        }
        Kernel kernel = kernel(node, batchNorm);
        int[] outputs = node.outputs().stream()
                .mapToInt(o -> o.isEmpty() ? -1 : number(o))
                .toArray();
        steps.add(new Step(node, kernel, inputs, outputs, new int[0]));
        if (node.is("Conv") || node.is("Gemm") || node.is("MatMul") || node.is("QuantizeLinear")) {
            for (int i = 0; i < inputs.length; i++) {
                boolean trained = !node.is("QuantizeLinear") || i == 0;
                if (trained && !parameters.containsKey(i) && inputs[i] >= 0 && isWeight(node.input(i), inputs[i])) {
                    weights.put(node.input(i), constants.get(inputs[i]));
                }
            }
        }
    }

    private Kernel kernel(OnnxNode node, NormUnit batchNorm) {
        if (batchNorm != null) {
            return (in, mode) -> new Tensor[] {batchNorm.batchNorm(in[0], mode)};
        }
        return node.is("QuantizeLinear") ? FakeQuantization.kernel(model, node) : Operators.create(node, model.opset());
    }

    /** Integers that were quantised before stay as they are. */
    private boolean isWeight(String value, int number) {
        return constants.get(number) != null && model.constant(value).isPresent();
    }

    /**
     * Stored integers are a constant of floats. Behind QuantizeLinear, whose step gives the rounded floats already, it
     * is another name for the same value.
     */
    private int dequantized(OnnxNode node) {
        Optional<OnnxTensor> integers = model.constant(node.input(0));
        if (integers.isEmpty()) {
            FakeQuantization.requirePair(model, node);
            return number(node.input(0));
        }
        constants.add(keep(TensorData.of(FakeQuantization.dequantized(model, node))));
        return constants.size() - 1;
    }

    /** Notes at each step which values are read there for the last time. */
    private void releaseEarly() {
        Set<Integer> kept = new HashSet<>(Set.of(input, output));
        for (int i = steps.size() - 1; i >= 0; i--) {
            Step step = steps.get(i);
            int[] released = Arrays.stream(step.inputs())
                    .filter(v -> v >= 0 && constants.get(v) == null)
                    .distinct()
                    .filter(kept::add)
                    .toArray();
            steps.set(i, new Step(step.node(), step.kernel(), step.inputs(), step.outputs(), released));
        }
    }

    /** Runs to the output. */
    Tensor run(Tensor x, NormMode mode) {
        return run(x, mode, Map.of());
    }

    /**
     * Runs to the output.
     *
     * @param observers called with the value of that name, the input's included, as soon as it is there; they must not keep
     *     or close it
     */
    Tensor run(Tensor x, NormMode mode, Map<String, Consumer<Tensor>> observers) {
        requireInput(x);
        // By number: what Identity and Dropout give is another name for a value.
        Map<Integer, List<Consumer<Tensor>>> watched = new HashMap<>();
        observers.forEach((value, observer) -> {
            if (numbers.containsKey(value)) {
                watched.computeIfAbsent(numbers.get(value), n -> new ArrayList<>())
                        .add(observer);
            }
        });
        Tensor[] values = constants.toArray(new Tensor[0]);
        // Convolution and batch statistics run faster with the channels innermost (a third less time on a CPU).
        values[input] = weightsEnabled ? x : x.contiguous(torch.MemoryFormat.ChannelsLast);
        show(watched, input, values);
        for (Step step : steps) {
            Tensor[] in = new Tensor[step.inputs().length];
            for (int i = 0; i < in.length; i++) {
                in[i] = step.inputs()[i] < 0 ? null : values[step.inputs()[i]];
            }
            Tensor[] out = compute(step, in, mode);
            for (int i = 0; i < step.outputs().length; i++) {
                if (step.outputs()[i] >= 0) {
                    values[step.outputs()[i]] = out[i];
                    show(watched, step.outputs()[i], values);
                }
            }
            for (int released : step.released()) {
                values[released].close();
                values[released] = null;
            }
        }
        return values[output];
    }

    private static void show(Map<Integer, List<Consumer<Tensor>>> watched, int number, Tensor[] values) {
        watched.getOrDefault(number, List.of()).forEach(observer -> observer.accept(values[number]));
    }

    private static Tensor[] compute(Step step, Tensor[] in, NormMode mode) {
        try {
            return step.kernel().run(in, mode);
        } catch (RuntimeException e) {
            // libtorch's message runs to a page of stack; its first line says what was wrong.
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new OnnxFormatException(
                    step.node().describe() + " cannot be computed on inputs " + shapes(in) + ": " + reason, e);
        }
    }

    private static String shapes(Tensor[] in) {
        List<String> shapes = new ArrayList<>();
        for (Tensor tensor : in) {
            shapes.add(tensor == null ? "-" : Arrays.toString(tensor.shape()));
        }
        return shapes.toString();
    }

    private void requireInput(Tensor x) {
        long[] shape = x.shape();
        List<Long> dims = model.input().dims();
        boolean fits = shape.length == 4 && shape[0] > 0;
        for (int i = 0; fits && i < 3; i++) {
            fits = shape[i + 1] == dims.get(i);
        }
        if (!fits) {
            throw new IllegalArgumentException("input " + model.input().name() + " is [batch, " + dims.get(0) + ", "
                    + dims.get(1) + ", " + dims.get(2) + "], given is " + Arrays.toString(shape));
        }
    }

    /**
     * Lets the weights carry gradients. From here on everything is laid out plainly: libtorch's gradient of a
     * convolution's weights writes out of bounds on the CPU for some shapes with the channels innermost
     * (SupervisedTrainerTest and TrainingTest crash on it).
     */
    List<Tensor> enableWeights() {
        weightsEnabled = true;
        for (Tensor weight : weights.values()) {
            weight.set_data(weight.contiguous());
            weight.set_requires_grad(true);
        }
        return List.copyOf(weights.values());
    }

    /** The weights that carry gradients, by the name of the value; empty before {@link #enableWeights}. */
    Map<String, Tensor> enabledWeights() {
        return weightsEnabled ? Map.copyOf(weights) : Map.of();
    }

    /** Writes the weights into a changed copy, if they were ever enabled. */
    void writeWeights(OnnxGraphEditor editor) {
        if (!weightsEnabled) {
            return;
        }
        Set<String> written = new HashSet<>();
        for (OnnxNode node : model.nodes()) {
            for (int i = 0; i < node.inputs().size(); i++) {
                String value = node.input(i);
                Optional<Tensor> weight = Optional.ofNullable(weights.get(value));
                if (weight.isEmpty()) {
                    continue;
                }
                float[] values = TensorData.floats(weight.get());
                if (model.initializers().containsKey(value)) {
                    if (written.add(value)) {
                        editor.replaceInitializer(value, values);
                    }
                } else {
                    editor.setConstant(node.name(), i, values, weight.get().shape());
                }
            }
        }
    }

    @Override
    public void close() {
        owned.forEach(Tensor::close);
    }
}
