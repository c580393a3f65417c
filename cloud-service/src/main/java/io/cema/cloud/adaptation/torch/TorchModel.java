package io.cema.cloud.adaptation.torch;

import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.NormLayer;
import io.cema.protocol.onnx.NormSite;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxGraphEditor;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.QuantizedFold;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * An ONNX classifier as differentiable libtorch operations. Scale and shift of the normalisation layers carry
 * gradients, everything else does not, so that the backward pass is pruned to what feeds them.
 *
 * <p>Confined to one thread at a time. Owns its tensors until {@link #close}. What a forward pass returns belongs to
 * the caller: to the PointerScope around the call, or, without one, to be closed. Put a PointerScope around each
 * training step.
 */
public final class TorchModel implements AutoCloseable {
    private final OnnxModel model;
    private final TorchSettings settings;
    private final TorchGraph graph;
    private final List<NormUnit> units;
    private final NormState initial;

    private TorchModel(OnnxModel model, TorchSettings settings) {
        this.model = model;
        this.settings = settings;
        this.units = model.normSites().stream()
                .map(site -> new NormUnit(site, settings))
                .toList();
        this.graph = new TorchGraph(model, units, settings);
        this.initial = snapshot();
    }

    /**
     * Makes the model executable.
     *
     * @throws OnnxFormatException naming node and operator if one is not supported
     * @throws IllegalStateException if the settings ask for CUDA and there is none
     */
    public static TorchModel load(OnnxModel model, TorchSettings settings) {
        if (settings.threads() > 0) {
            torch.set_num_threads(settings.threads());
        }
        if (settings.device() == TorchSettings.Device.CUDA && !torch.cuda_is_available()) {
            throw new IllegalStateException("libtorch finds no CUDA device; start with the CPU device, or build with"
                    + " -Pcuda on a machine with an NVIDIA driver");
        }
        try (PointerScope scope = new PointerScope()) {
            return new TorchModel(model, settings);
        }
    }

    /**
     * Runs the model; records for a backward pass unless the caller has switched gradients off.
     *
     * @param input float32 [batch, 3, height, width], preprocessed, on any device
     * @return logits [batch, classes] on the model's device
     */
    public Tensor forward(Tensor input, NormMode mode) {
        try (PointerScope scope = new PointerScope()) {
            return TensorData.escape(scope, graph.run(TensorData.on(input, settings.device()), mode));
        }
    }

    /** {@link #forward} without recording for a backward pass. */
    public Tensor infer(Tensor input, NormMode mode) {
        try (AutoGradMode off = new AutoGradMode(false)) {
            return forward(input, mode);
        }
    }

    /**
     * {@link #forward}, giving values on the way besides.
     *
     * @param values names of values that a node computes, or of the input
     * @return the logits, then those values in their order
     */
    public List<Tensor> forward(Tensor input, NormMode mode, List<String> values) {
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> seen = new HashMap<>();
            Map<String, Consumer<Tensor>> observers = new HashMap<>();
            // A handle of its own: the graph closes its one as soon as nobody reads the value any more.
            values.forEach(v -> observers.put(v, t -> seen.put(v, new Tensor(t))));
            List<Tensor> result = new ArrayList<>();
            result.add(TensorData.escape(scope, graph.run(TensorData.on(input, settings.device()), mode, observers)));
            for (String value : values) {
                if (!seen.containsKey(value)) {
                    throw new IllegalArgumentException("no value of the model is named " + value);
                }
                result.add(TensorData.escape(scope, seen.get(value)));
            }
            return result;
        }
    }

    /**
     * Runs the model without recording, showing some of its values on the way.
     *
     * @param observers called with the value of that name, the input's included, as soon as it is there; they must not keep
     *     or close it
     */
    public void observe(Tensor input, NormMode mode, Map<String, Consumer<Tensor>> observers) {
        try (AutoGradMode off = new AutoGradMode(false);
                PointerScope scope = new PointerScope()) {
            graph.run(TensorData.on(input, settings.device()), mode, observers);
        }
    }

    /** The model as it was loaded. */
    public OnnxModel source() {
        return model;
    }

    public TorchSettings settings() {
        return settings;
    }

    /** Normalisation layers in manifest order. */
    public List<NormLayer> normLayers() {
        return model.normLayers();
    }

    /** Scale and shift of every normalisation layer, two per layer in manifest order. They belong to the model. */
    public List<Tensor> normParameters() {
        List<Tensor> parameters = new ArrayList<>();
        for (NormUnit unit : units) {
            parameters.add(unit.gamma());
            parameters.add(unit.beta());
        }
        return List.copyOf(parameters);
    }

    /**
     * Every trainable weight: those of convolutions and matrix products, their biases, and {@link #normParameters}.
     * From this call on they all carry gradients: for a trainer, which starts from the whole network. They belong to
     * the model.
     */
    public List<Tensor> allParameters() {
        List<Tensor> parameters = new ArrayList<>(graph.enableWeights());
        parameters.addAll(normParameters());
        return List.copyOf(parameters);
    }

    /**
     * The weights among {@link #allParameters}, by the name of the constant in the graph; empty before that call. They
     * belong to the model.
     */
    public Map<String, Tensor> weights() {
        return graph.enabledWeights();
    }

    /**
     * What inference computes per layer and channel.
     *
     * @param mode {@link NormMode#SOURCE} for the model's own statistics, {@link NormMode#TARGET} for the running
     *     target ones
     */
    public AffineParameters effectiveAffine(NormMode mode) {
        boolean target = isTarget(mode);
        return new AffineParameters(
                units.stream().map(u -> u.effectiveAffine(target)).toList());
    }

    private static boolean isTarget(NormMode mode) {
        return switch (mode) {
            case SOURCE, TRAIN -> false;
            case TARGET, RENORM, BLEND -> true;
            case BATCH -> throw new IllegalArgumentException("batch statistics have no fixed affine; use TARGET");
        };
    }

    /**
     * Sets scale and shift so that the effective affine under {@link NormMode#TARGET} is the given one to float32's
     * precision: after an update was coded, the twin goes on from what the edge decodes. In a quantised model the shifts
     * are those that integers can express, see {@link QuantizedFold#asComputed}.
     *
     * @throws IllegalArgumentException if the parameters are another model's or not finite
     */
    public void adopt(AffineParameters affine) {
        affine.requireMatches(normLayers());
        affine.requireFinite();
        AffineParameters computed = QuantizedFold.asComputed(model, affine);
        for (int i = 0; i < units.size(); i++) {
            units.get(i).adopt(computed.layers().get(i));
        }
    }

    /** Everything adaptation has changed so far. */
    public NormState snapshot() {
        return new NormState(units.stream().map(NormUnit::snapshot).toList());
    }

    /**
     * Puts a snapshot back, in place: an optimiser over {@link #normParameters} stays valid.
     *
     * @throws IllegalArgumentException if the state is another model's; nothing is changed then
     */
    public void restore(NormState state) {
        if (state.layers().size() != units.size()) {
            throw new IllegalArgumentException(
                    "the model has " + units.size() + " normalisation layers, the state carries "
                            + state.layers().size());
        }
        for (int i = 0; i < units.size(); i++) {
            units.get(i).requireFits(state.layers().get(i));
        }
        for (int i = 0; i < units.size(); i++) {
            units.get(i).restore(state.layers().get(i));
        }
    }

    /**
     * The present target statistics with scales and shifts closer to what was loaded.
     *
     * @param share of the loaded ones, 1: none of what was learnt stays
     */
    NormState unlearnt(double share) {
        List<NormState.Layer> present = snapshot().layers();
        List<NormState.Layer> layers = new ArrayList<>(present.size());
        for (int i = 0; i < present.size(); i++) {
            NormState.Layer now = present.get(i);
            NormState.Layer loaded = initial.layers().get(i);
            layers.add(new NormState.Layer(
                    now.name(),
                    now.started(),
                    between(now.gamma(), loaded.gamma(), share),
                    between(now.beta(), loaded.beta(), share),
                    now.mean(),
                    now.variance()));
        }
        return new NormState(layers);
    }

    private static float[] between(float[] none, float[] all, double share) {
        float[] values = new float[none.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((1 - share) * none[i] + share * all[i]);
        }
        return values;
    }

    /** The target statistics of another state, behind the present scales and shifts. */
    void statistics(NormState of) {
        for (int i = 0; i < units.size(); i++) {
            units.get(i).statistics(of.layers().get(i));
        }
    }

    /** Back to the model as it was loaded; trained weights, if any, stay. */
    public void reset() {
        restore(initial);
    }

    /** From now on, the share of a batch in the running target statistics, in (0, 1], instead of the settings'. */
    void followBy(double momentum) {
        units.forEach(u -> u.momentum(momentum));
    }

    /** From now on, the share of the source statistics in blended and in first target statistics, in [0, 1]. */
    void prior(double share) {
        units.forEach(u -> u.prior(share));
    }

    /** What {@link #prior(double)} was set to, or the settings' share. */
    double prior() {
        return units.isEmpty() ? 0 : units.get(0).prior();
    }

    /** Measures the target statistics anew on one batch, layer after layer, each behind layers that have theirs already. */
    void calibrate(Tensor input) {
        try (PointerScope scope = new PointerScope()) {
            resetStatistics();
            infer(input, NormMode.RENORM);
        }
    }

    /** Forgets the running target statistics; the next batch under {@link NormMode#RENORM} starts them anew. */
    public void resetStatistics() {
        units.forEach(NormUnit::resetStatistics);
    }

    /** {@link #toOnnx(NormMode)} with the model's own statistics: what a trainer wants. */
    public OnnxModel toOnnx() {
        return toOnnx(NormMode.SOURCE);
    }

    /**
     * The model with its present weights, scales, shifts and statistics.
     *
     * @param mode {@link NormMode#SOURCE} or {@link NormMode#TARGET}: whose statistics are written
     */
    public OnnxModel toOnnx(NormMode mode) {
        boolean target = isTarget(mode);
        OnnxGraphEditor editor = model.edit();
        graph.writeWeights(editor);
        for (NormUnit unit : units) {
            NormSite site = unit.site();
            boolean statistics = site.layer().kind().hasRunningStatistics();
            editor.replaceNorm(
                    site.layer().name(),
                    TensorData.floats(unit.gamma()),
                    TensorData.floats(unit.beta()),
                    statistics ? Optional.of(unit.mean(target)) : Optional.empty(),
                    statistics ? Optional.of(unit.variance(target)) : Optional.empty());
        }
        return editor.build();
    }

    @Override
    public void close() {
        graph.close();
        units.forEach(NormUnit::close);
    }
}
