package io.cema.protocol.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.Digests;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.model.NormLayer;
import io.cema.protocol.model.Preprocessing;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A parsed, checked ONNX classifier: one float32 input [batch, 3, H, W], one float32 output [batch, C], nodes in
 * topological order. Immutable, so usable from every thread.
 *
 * <p>A compressed model's file holds its batch normalisations folded into integer weights. It is read as it was before the
 * fold: the nodes show integer weights with the scales of their own, followed by the normalisation; {@link #toBytes} gives
 * the file, with the fold. {@link QuantizedFold} is the way from one to the other.
 */
public final class OnnxModel {
    /** Key of the metadata entry that lists the restored normalisation layers, one name a line. */
    static final String RESTORED_LAYERS = "cema.restored.layers";
    /** Key of the metadata entry that tells from how many images they were restored. */
    static final String RESTORED_IMAGES = "cema.restored.images";

    private static final int LOWEST_OPSET = 11;

    private final byte[] bytes;
    private final ModelProto proto;
    private final int opset;
    private final Value input;
    private final Value output;
    private final List<OnnxNode> nodes;
    private final Map<String, OnnxTensor> initializers;
    private final Map<String, OnnxNode> producers = new HashMap<>();
    private final Map<String, List<OnnxNode>> consumers = new HashMap<>();
    private final Map<String, OnnxTensor> constants;
    private final Map<String, String> metadata;
    private final List<NormSite> normSites;

    /**
     * The input or output of a model.
     *
     * @param name value name
     * @param dims sizes without the batch: [3, height, width] or [classes]
     */
    public record Value(String name, List<Long> dims) {
        public Value {
            dims = List.copyOf(dims);
        }
    }

    /** @param touches constants that an update rewrites, by folded layer; empty for a model that is not compressed */
    private OnnxModel(byte[] bytes, ModelProto proto, Optional<Map<String, List<String>>> touches) {
        this.bytes = bytes;
        this.proto = proto;
        GraphProto graph = proto.getGraph();
        if (graph.getNodeCount() == 0) {
            throw new OnnxFormatException("the file holds no graph: truncated, or not an ONNX model");
        }
        opset = opsetOf(proto);
        metadata = metadataOf(proto);
        initializers = initializersOf(graph);
        nodes = nodesOf(graph);
        input = inputOf(graph, initializers);
        nodes.forEach(this::index);
        requireConnected();
        constants = new ConstantFinder(nodes, initializers, opset).find();
        output = outputOf(graph);
        normSites = new NormFinder(this)
                .find().stream().map(s -> described(s, touches)).toList();
    }

    /**
     * Parses and checks.
     *
     * @throws OnnxFormatException truncated, not ONNX, opset below 11, several inputs, sizes other than the batch
     *     dynamic, not a classifier
     */
    public static OnnxModel parse(byte[] bytes) {
        OnnxModel asWritten = asWritten(bytes);
        if (!FoldRecord.isIn(asWritten)) {
            return asWritten;
        }
        FoldRecord folded = FoldRecord.read(asWritten);
        try {
            return new OnnxModel(asWritten.bytes, ModelProto.parseFrom(folded.unfold()), Optional.of(folded.touches()));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a graph just written cannot be read", e);
        }
    }

    /** {@link #parse} without taking folded layers out: the graph that an engine sees. */
    public static OnnxModel asWritten(byte[] bytes) {
        ModelProto proto;
        try {
            proto = ModelProto.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new OnnxFormatException(
                    "not an ONNX file, or a truncated one (" + bytes.length + " bytes): " + e.getMessage(), e);
        }
        return new OnnxModel(bytes.clone(), proto, Optional.empty());
    }

    private static NormSite described(NormSite site, Optional<Map<String, List<String>>> touches) {
        return touches.map(t -> site.described(
                        site.layer().touching(t.getOrDefault(site.layer().name(), site.constants()))))
                .orElse(site);
    }

    private static int opsetOf(ModelProto proto) {
        for (OperatorSetIdProto imported : proto.getOpsetImportList()) {
            if (imported.getDomain().isEmpty() || imported.getDomain().equals("ai.onnx")) {
                if (imported.getVersion() < LOWEST_OPSET) {
                    throw new OnnxFormatException("operator set " + imported.getVersion() + " is below " + LOWEST_OPSET
                            + "; export the model with opset_version=17");
                }
                return Math.toIntExact(imported.getVersion());
            }
        }
        throw new OnnxFormatException("the file names no version of the standard operator set: truncated, or not ONNX");
    }

    private static Map<String, String> metadataOf(ModelProto proto) {
        Map<String, String> entries = new LinkedHashMap<>();
        for (StringStringEntryProto entry : proto.getMetadataPropsList()) {
            entries.put(entry.getKey(), entry.getValue());
        }
        return Collections.unmodifiableMap(entries);
    }

    private static Map<String, OnnxTensor> initializersOf(GraphProto graph) {
        if (graph.getSparseInitializerCount() > 0) {
            throw new OnnxFormatException("the model holds sparse initializers; save it with dense ones");
        }
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        for (TensorProto tensor : graph.getInitializerList()) {
            if (tensors.put(tensor.getName(), OnnxTensor.parse(tensor, tensor.getName())) != null) {
                throw new OnnxFormatException("initializer " + tensor.getName() + " is defined twice");
            }
        }
        return Collections.unmodifiableMap(tensors);
    }

    private static List<OnnxNode> nodesOf(GraphProto graph) {
        Set<String> taken = new HashSet<>();
        List<OnnxNode> nodes = new ArrayList<>(graph.getNodeCount());
        for (NodeProto node : graph.getNodeList()) {
            if (node.getOutputCount() == 0 || node.getOutput(0).isEmpty()) {
                throw new OnnxFormatException("node " + node.getName() + " (" + node.getOpType() + ") has no output");
            }
            String name = node.getName();
            if (name.isBlank() || !taken.add(name)) {
                name = node.getOutput(0);
                if (!taken.add(name)) {
                    throw new OnnxFormatException("two nodes are named " + name);
                }
            }
            nodes.add(new OnnxNode(
                    name,
                    node.getDomain(),
                    node.getOpType(),
                    node.getInputList(),
                    node.getOutputList(),
                    OnnxAttributes.parse(node.getAttributeList())));
        }
        return List.copyOf(nodes);
    }

    private static Value inputOf(GraphProto graph, Map<String, OnnxTensor> initializers) {
        List<ValueInfoProto> inputs = graph.getInputList().stream()
                .filter(i -> !initializers.containsKey(i.getName()))
                .toList();
        if (inputs.size() != 1) {
            throw new OnnxFormatException("the model has " + inputs.size() + " inputs "
                    + inputs.stream().map(ValueInfoProto::getName).toList()
                    + "; an image classifier has exactly one, [batch, 3, height, width]");
        }
        ValueInfoProto only = inputs.get(0);
        List<Long> dims = dims(only, "input");
        if (dims.size() != 4 || dims.get(1) > 0 && dims.get(1) != 3) {
            throw new OnnxFormatException(
                    "input " + only.getName() + " has shape " + show(dims) + "; needed is [batch, 3, height, width]");
        }
        requireOnlyBatchDynamic("input " + only.getName(), dims);
        return new Value(only.getName(), dims.subList(1, 4));
    }

    private Value outputOf(GraphProto graph) {
        if (graph.getOutputCount() != 1) {
            throw new OnnxFormatException("the model has " + graph.getOutputCount() + " outputs "
                    + graph.getOutputList().stream()
                            .map(ValueInfoProto::getName)
                            .toList()
                    + "; a classifier has exactly one, the logits [batch, classes]");
        }
        ValueInfoProto only = graph.getOutput(0);
        OnnxNode last = producers.get(only.getName());
        if (last == null) {
            throw new OnnxFormatException("output " + only.getName() + " is made by no node");
        }
        while (last.is("Identity") && producers.containsKey(last.input(0))) {
            last = producers.get(last.input(0));
        }
        if (last.op().equals("Softmax") || last.op().equals("LogSoftmax")) {
            throw new OnnxFormatException(
                    last.describe() + " makes the output probabilities; export the model without it, to give logits");
        }
        List<Long> dims = new ArrayList<>(dims(only, "output"));
        if (dims.size() == 2 && dims.get(1) <= 0 && last.is("Gemm")) {
            // Some exporters leave the class count open, though the last layer's weights fix it.
            OnnxTensor weight = constants.get(last.input(1));
            if (weight != null && weight.dims().length == 2) {
                dims.set(1, weight.dims()[last.attributes().integer("transB", 0) == 1 ? 0 : 1]);
            }
        }
        if (dims.size() != 2) {
            throw new OnnxFormatException(
                    "output " + only.getName() + " has shape " + show(dims) + "; needed are logits [batch, classes]");
        }
        requireOnlyBatchDynamic("output " + only.getName(), dims);
        if (dims.get(1) < 2) {
            throw new OnnxFormatException(
                    "output " + only.getName() + " has " + dims.get(1) + " classes; a classifier has at least 2");
        }
        return new Value(only.getName(), dims.subList(1, 2));
    }

    /** Sizes of a float tensor; an open size is -1. */
    private static List<Long> dims(ValueInfoProto value, String role) {
        TypeProto.Tensor type = value.getType().getTensorType();
        if (type.getElemType() != TensorProto.DataType.FLOAT_VALUE) {
            TensorProto.DataType named = TensorProto.DataType.forNumber(type.getElemType());
            throw new OnnxFormatException(
                    role + " " + value.getName() + " is " + named + "; export the model with a float32 " + role);
        }
        return type.getShape().getDimList().stream()
                .map(d -> d.hasDimValue() && d.getDimValue() > 0 ? d.getDimValue() : -1L)
                .toList();
    }

    private static void requireOnlyBatchDynamic(String where, List<Long> dims) {
        if (dims.get(0) > 0) {
            throw new OnnxFormatException(where + " has shape " + show(dims) + ": the batch is fixed at " + dims.get(0)
                    + "; export the model with a dynamic batch (dynamic_axes)");
        }
        for (int i = 1; i < dims.size(); i++) {
            if (dims.get(i) <= 0) {
                throw new OnnxFormatException(where + " has shape " + show(dims) + ": size " + i
                        + " is dynamic; only the batch may be, export the model with fixed image sizes");
            }
        }
    }

    private static String show(List<Long> dims) {
        return dims.stream().map(d -> d < 0 ? "?" : d.toString()).toList().toString();
    }

    private void index(OnnxNode node) {
        for (String value : node.outputs()) {
            if (!value.isEmpty() && producers.put(value, node) != null) {
                throw new OnnxFormatException("value " + value + " is made twice, again by " + node.describe());
            }
        }
        for (String value : Set.copyOf(node.inputs())) {
            consumers.computeIfAbsent(value, v -> new ArrayList<>()).add(node);
        }
    }

    private void requireConnected() {
        Set<String> known = new HashSet<>(initializers.keySet());
        known.add(input.name());
        known.add("");
        for (OnnxNode node : nodes) {
            for (String value : node.inputs()) {
                if (!known.contains(value)) {
                    throw new OnnxFormatException(node.describe() + " reads " + value
                            + ", which no node before it makes; the file is damaged or its nodes are out of order");
                }
            }
            known.addAll(node.outputs());
        }
    }

    /** Nodes in topological order. */
    public List<OnnxNode> nodes() {
        return nodes;
    }

    /** Constants stored with the graph, by value name. */
    public Map<String, OnnxTensor> initializers() {
        return initializers;
    }

    /** The value as a constant: an initializer or the output of Constant, directly or through Identity or Unsqueeze. */
    public Optional<OnnxTensor> constant(String value) {
        return Optional.ofNullable(constants.get(value));
    }

    /** The node that makes a value; empty for the input and for initializers. */
    public Optional<OnnxNode> producer(String value) {
        return Optional.ofNullable(producers.get(value));
    }

    /** The nodes that read a value, each once. The graph's output has a reader outside, which is not listed. */
    public List<OnnxNode> consumers(String value) {
        return Collections.unmodifiableList(consumers.getOrDefault(value, List.of()));
    }

    /** The only node that reads the value; empty if there are several, none, or if the value is the graph's output. */
    public Optional<OnnxNode> soleConsumer(String value) {
        List<OnnxNode> readers = consumers(value);
        return readers.size() == 1 && !value.equals(output.name()) ? Optional.of(readers.get(0)) : Optional.empty();
    }

    /** @throws IllegalArgumentException if the model has no node of that name */
    public OnnxNode node(String name) {
        return nodes.stream()
                .filter(n -> n.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the model has no node named " + name));
    }

    /** Version of the standard operator set, at least 11. */
    public int opset() {
        return opset;
    }

    /** The single input; sizes [3, height, width]. */
    public Value input() {
        return input;
    }

    /** The single output; sizes [classes]. */
    public Value output() {
        return output;
    }

    public int height() {
        return Math.toIntExact(input.dims().get(1));
    }

    public int width() {
        return Math.toIntExact(input.dims().get(2));
    }

    public int classes() {
        return Math.toIntExact(output.dims().get(0));
    }

    /** Free key-value entries of the file. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** Normalisation layers with their places in the graph, in graph order. */
    public List<NormSite> normSites() {
        return normSites;
    }

    /** Normalisation layers in graph order, native and composed ones alike; empty if the model has none. */
    public List<NormLayer> normLayers() {
        return normSites.stream().map(NormSite::layer).toList();
    }

    /** From how many images the restored normalisation layers were measured; 0 if none was restored. */
    public int restoredFromImages() {
        String images = metadata.get(RESTORED_IMAGES);
        try {
            return images == null ? 0 : Integer.parseInt(images);
        } catch (NumberFormatException e) {
            throw new OnnxFormatException("metadata " + RESTORED_IMAGES + " is no number: " + images, e);
        }
    }

    /** The model's own effective affine, the base of every update. */
    public AffineParameters affine() {
        List<AffineParameters.Layer> layers = new ArrayList<>();
        for (NormSite site : normSites) {
            float[] gamma = site.gamma().constant().floats();
            float[] beta = site.beta().map(b -> b.constant().floats()).orElseGet(() -> new float[gamma.length]);
            if (site.layer().kind().hasRunningStatistics()) {
                float[] mean = site.mean().orElseThrow().constant().floats();
                float[] variance = site.variance().orElseThrow().constant().floats();
                for (int c = 0; c < gamma.length; c++) {
                    double scale =
                            gamma[c] / Math.sqrt(variance[c] + site.layer().epsilon());
                    beta[c] = (float) (beta[c] - mean[c] * scale);
                    gamma[c] = (float) scale;
                }
            }
            layers.add(new AffineParameters.Layer(site.layer().name(), gamma, beta));
        }
        return new AffineParameters(layers);
    }

    /**
     * What the platform knows of it.
     *
     * @param name a person's name for it
     * @param labels of its classes in order, or none
     */
    public ModelManifest manifest(String name, List<String> labels, Preprocessing preprocessing) {
        return new ModelManifest(
                Digests.hex(bytes),
                name,
                bytes.length,
                opset,
                input.name(),
                height(),
                width(),
                output.name(),
                classes(),
                labels,
                preprocessing,
                normLayers());
    }

    /** Starts a changed copy. */
    public OnnxGraphEditor edit() {
        return new OnnxGraphEditor(this, proto);
    }

    /** The file. */
    public byte[] toBytes() {
        return bytes.clone();
    }
}
