package io.cema.protocol.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A changed copy of a model in the making. Nodes may be added in any order; {@link #toBytes} sorts them and drops
 * constants no node reads. Confined to one thread.
 */
public final class OnnxGraphEditor {
    private final OnnxModel source;
    private final ModelProto template;
    private final Map<String, OnnxNode> nodes = new LinkedHashMap<>();
    private final Map<String, OnnxTensor> initializers;
    private final Map<String, String> metadata;
    private final List<ValueInfoProto> furtherInputs = new ArrayList<>();
    private final List<ValueInfoProto> furtherOutputs = new ArrayList<>();

    OnnxGraphEditor(OnnxModel source, ModelProto template) {
        this.source = source;
        this.template = template;
        source.nodes().forEach(n -> nodes.put(n.name(), n));
        this.initializers = new LinkedHashMap<>(source.initializers());
        this.metadata = new LinkedHashMap<>(source.metadata());
    }

    /** The node as it stands now. */
    public OnnxNode node(String name) {
        OnnxNode node = nodes.get(name);
        if (node == null) {
            throw new IllegalArgumentException("the graph has no node named " + name);
        }
        return node;
    }

    /** Adds a node; its name and outputs must be new by the time of {@link #toBytes}. */
    public OnnxGraphEditor addNode(OnnxNode node) {
        if (nodes.putIfAbsent(node.name(), node) != null) {
            throw new IllegalArgumentException("the graph has a node named " + node.name() + " already");
        }
        return this;
    }

    public OnnxGraphEditor removeNode(String name) {
        node(name);
        nodes.remove(name);
        return this;
    }

    /** Puts a changed node in the place of the one of the same name. */
    public OnnxGraphEditor replaceNode(OnnxNode node) {
        node(node.name());
        nodes.put(node.name(), node);
        return this;
    }

    /** Lets every node that reads {@code from} read {@code to} instead. */
    public OnnxGraphEditor rewire(String from, String to) {
        for (OnnxNode node : List.copyOf(nodes.values())) {
            for (int i = 0; i < node.inputs().size(); i++) {
                if (node.inputs().get(i).equals(from)) {
                    nodes.put(node.name(), nodes.get(node.name()).withInput(i, to));
                }
            }
        }
        return this;
    }

    public OnnxGraphEditor addInitializer(OnnxTensor tensor) {
        if (initializers.putIfAbsent(tensor.name(), tensor) != null) {
            throw new IllegalArgumentException("the graph has an initializer named " + tensor.name() + " already");
        }
        return this;
    }

    /** Puts a tensor in the place of the initializer of its name, for every node that reads it. */
    public OnnxGraphEditor replaceInitializer(OnnxTensor tensor) {
        if (initializers.replace(tensor.name(), tensor) == null) {
            throw new IllegalArgumentException("the graph has no initializer named " + tensor.name());
        }
        return this;
    }

    /** New float32 values in the same shape, for every node that reads the initializer. */
    public OnnxGraphEditor replaceInitializer(String name, float[] values) {
        OnnxTensor old = initializers.get(name);
        if (old == null) {
            throw new IllegalArgumentException("the graph has no initializer named " + name);
        }
        return replaceInitializer(OnnxTensor.of(name, values, old.dims()));
    }

    /**
     * Gives input {@code input} of one node a constant of its own, leaving other readers of the old one alone.
     *
     * @return the name of the constant
     */
    public String setConstant(String node, int input, float[] values, long... dims) {
        OnnxNode reader = node(node);
        String old = reader.input(input);
        long readers = nodes.values().stream()
                .flatMap(n -> n.inputs().stream())
                .filter(old::equals)
                .count();
        if (readers == 1 && initializers.containsKey(old)) {
            initializers.put(old, OnnxTensor.of(old, values, dims));
            return old;
        }
        String fresh = unusedName(node + ".constant" + input);
        initializers.put(fresh, OnnxTensor.of(fresh, values, dims));
        replaceNode(reader.withInput(input, fresh));
        return fresh;
    }

    /**
     * New parameters for one normalisation layer of the source model; constants it shares with other nodes are split
     * off. {@code mean} and {@code variance} are given for batch normalisation and only for it.
     */
    public OnnxGraphEditor replaceNorm(
            String layer, float[] gamma, float[] beta, Optional<float[]> mean, Optional<float[]> variance) {
        NormSite site = source.normSites().stream()
                .filter(s -> s.layer().name().equals(layer))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the model has no normalisation layer named " + layer));
        int channels = site.layer().channels();
        if (gamma.length != channels
                || beta.length != channels
                || mean.isPresent() != site.mean().isPresent()
                || variance.isPresent() != site.variance().isPresent()) {
            throw new IllegalArgumentException(
                    "node " + layer + " (" + site.layer().kind() + ") has " + channels
                            + " channels, given are " + gamma.length + " scales, " + beta.length + " shifts and "
                            + (mean.isPresent() ? "" : "no ") + "running statistics");
        }
        set(site.gamma(), gamma);
        if (site.beta().isPresent()) {
            set(site.beta().get(), beta);
        } else {
            setConstant(site.gamma().node(), 2, beta, site.gamma().constant().dims());
        }
        mean.ifPresent(m -> set(site.mean().orElseThrow(), m));
        variance.ifPresent(v -> set(site.variance().orElseThrow(), v));
        return this;
    }

    private void set(NormSite.Parameter parameter, float[] values) {
        setConstant(
                parameter.node(),
                parameter.input(),
                values,
                parameter.constant().dims());
    }

    /** A float32 input beside the image. The result is no classifier that {@link OnnxModel} reads. */
    OnnxGraphEditor furtherInput(String name, long... dims) {
        furtherInputs.add(floats(name, dims));
        return this;
    }

    /** A float32 output beside the logits, behind them; likewise. */
    OnnxGraphEditor furtherOutput(String name, long... dims) {
        furtherOutputs.add(floats(name, dims));
        return this;
    }

    private static ValueInfoProto floats(String name, long... dims) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (long dim : dims) {
            shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dim));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(TensorProto.DataType.FLOAT_VALUE)
                                .setShape(shape)))
                .build();
    }

    /** Adds or replaces an entry of the file's metadata. */
    public OnnxGraphEditor metadata(String key, String value) {
        metadata.put(key, value);
        return this;
    }

    /** Drops an entry of the file's metadata, if it is there. */
    OnnxGraphEditor withoutMetadata(String key) {
        metadata.remove(key);
        return this;
    }

    /** Marks normalisation layers as put back from measured statistics; see {@link OnnxModel#restoredFromImages}. */
    public OnnxGraphEditor markRestored(Collection<String> layers, int images) {
        metadata(OnnxModel.RESTORED_LAYERS, String.join("\n", layers));
        return metadata(OnnxModel.RESTORED_IMAGES, Integer.toString(images));
    }

    /** A value or node name that is not taken yet, beginning with {@code wanted}. */
    public String unusedName(String wanted) {
        Set<String> taken = new HashSet<>(initializers.keySet());
        taken.add(source.input().name());
        for (OnnxNode node : nodes.values()) {
            taken.add(node.name());
            taken.addAll(node.outputs());
        }
        String name = wanted;
        for (int i = 1; taken.contains(name); i++) {
            name = wanted + "_" + i;
        }
        return name;
    }

    /** The changed model, checked anew. */
    public OnnxModel build() {
        return OnnxModel.parse(toBytes());
    }

    /** The changed model as a file. */
    public byte[] toBytes() {
        List<OnnxNode> sorted = sorted();
        Set<String> read = new HashSet<>();
        sorted.forEach(n -> read.addAll(n.inputs()));
        GraphProto.Builder graph = template.getGraph().toBuilder()
                .clearNode()
                .clearInitializer()
                .clearInput()
                // Intermediate sizes are optional, and stale after a change.
                .clearValueInfo();
        template.getGraph().getInputList().stream()
                .filter(i -> i.getName().equals(source.input().name()))
                .forEach(graph::addInput);
        graph.addAllInput(furtherInputs).addAllOutput(furtherOutputs);
        if (graph.getOutput(0).getType().getTensorType().getShape().getDimCount() == 2) {
            // Where the exporter left the class count open it was read off the last layer, which may change.
            graph.getOutputBuilder(0)
                    .getTypeBuilder()
                    .getTensorTypeBuilder()
                    .getShapeBuilder()
                    .getDimBuilder(1)
                    .setDimValue(source.classes());
        }
        sorted.forEach(n -> graph.addNode(proto(n)));
        initializers.values().stream()
                .filter(t -> read.contains(t.name()))
                .forEach(t -> graph.addInitializer(t.toProto()));
        ModelProto.Builder model = template.toBuilder().setGraph(graph).clearMetadataProps();
        metadata.forEach((key, value) -> model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
        return model.build().toByteArray();
    }

    private List<OnnxNode> sorted() {
        Set<String> ready = new HashSet<>(initializers.keySet());
        ready.add(source.input().name());
        furtherInputs.forEach(input -> ready.add(input.getName()));
        ready.add("");
        List<OnnxNode> waiting = new ArrayList<>(nodes.values());
        List<OnnxNode> sorted = new ArrayList<>(waiting.size());
        while (!waiting.isEmpty()) {
            int before = waiting.size();
            for (var each = waiting.iterator(); each.hasNext(); ) {
                OnnxNode node = each.next();
                if (ready.containsAll(node.inputs())) {
                    ready.addAll(node.outputs());
                    sorted.add(node);
                    each.remove();
                }
            }
            if (waiting.size() == before) {
                OnnxNode stuck = waiting.get(0);
                throw new OnnxFormatException(stuck.describe() + " reads a value that no node makes: "
                        + stuck.inputs().stream()
                                .filter(i -> !ready.contains(i))
                                .toList());
            }
        }
        return sorted;
    }

    static NodeProto proto(OnnxNode node) {
        NodeProto.Builder proto = NodeProto.newBuilder()
                .setName(node.name())
                .setDomain(node.domain())
                .setOpType(node.op())
                .addAllInput(node.inputs())
                .addAllOutput(node.outputs());
        for (AttributeProto attribute : node.attributes().protos()) {
            proto.addAttribute(attribute);
        }
        return proto.build();
    }
}
