package io.cema.protocol.onnx;

import io.cema.protocol.model.NormStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A model that measures itself. In one forward pass over a batch each batch normalisation measures what comes in, and
 * normalises by that, blended with its running statistics; so the layers behind it see what they will see once the
 * statistics are in force, and one pass gives what layer after layer would. The graph stands unfolded: what is measured is
 * what a convolution makes, before its own affine, ReLU or quantisation; quantised activations before it saturate as they
 * do in service.
 *
 * <p>Inputs: the images, and {@link #PRIOR}, [1]: the source's share. Outputs: the logits, then mean and variance of each
 * layer of {@link Renormalisation#source}.
 *
 * @param onnx the file; owned by the record
 * @param input name of the images' input
 * @param outputs names of mean and variance, in turns
 * @param source the model's own statistics
 */
public record MeasuringGraph(byte[] onnx, String input, List<String> outputs, NormStatistics source) {
    /** Name of the second input. */
    public static final String PRIOR = "cema.prior";

    private static final int AXES_ARE_AN_INPUT = 18;
    /** Operators that do not change the rank of what they read first. */
    private static final Set<String> SAME_RANK = Set.of(
            "Relu",
            "LeakyRelu",
            "PRelu",
            "Clip",
            "Sigmoid",
            "HardSigmoid",
            "HardSwish",
            "Mul",
            "Add",
            "Sub",
            "Div",
            "Concat",
            "Identity",
            "Dropout",
            "BatchNormalization",
            "QuantizeLinear",
            "DequantizeLinear",
            "Transpose");

    private static final Set<String> PLANES =
            Set.of("Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool");

    public MeasuringGraph {
        outputs = List.copyOf(outputs);
    }

    /** @throws OnnxFormatException if the model has no batch normalisation, or one of values of unknown shape */
    public static MeasuringGraph of(OnnxModel model) {
        NormStatistics source = new Renormalisation(model).source();
        if (source.layers().isEmpty()) {
            throw new OnnxFormatException(
                    "the model has no batch normalisation, so there are no statistics to measure");
        }
        OnnxGraphEditor editor = model.edit();
        editor.furtherInput(PRIOR, 1);
        String one = editor.unusedName("cema.one");
        editor.addInitializer(OnnxTensor.of(one, new float[] {1}, 1));
        editor.addNode(node("cema.share", "Sub", "cema.share", one, PRIOR));
        List<String> outputs = new ArrayList<>();
        for (NormSite site : model.normSites()) {
            if (site.layer().kind().hasRunningStatistics()) {
                measure(model, editor, site, outputs);
            }
        }
        return new MeasuringGraph(editor.toBytes(), model.input().name(), outputs, source);
    }

    private static void measure(OnnxModel model, OnnxGraphEditor editor, NormSite site, List<String> outputs) {
        int rank = rank(model, site.input())
                .orElseThrow(() -> new OnnxFormatException(
                        "layer " + site.layer().name() + ": it is not known whether its input has planes"));
        int channels = site.layer().channels();
        long[] perChannel = rank == 4 ? new long[] {1, channels, 1, 1} : new long[] {1, channels};
        long[] axes = rank == 4 ? new long[] {0, 2, 3} : new long[] {0};
        String at = "cema." + site.layer().name();
        String mean = mean(model, editor, at + ".mean", site.input(), axes);
        editor.addNode(node(at + ".off", "Sub", at + ".off", site.input(), mean));
        editor.addNode(node(at + ".square", "Mul", at + ".square", at + ".off", at + ".off"));
        String variance = mean(model, editor, at + ".variance", at + ".square", axes);
        String by = blend(editor, at + ".by", mean, site.mean().orElseThrow(), perChannel);
        String spread = blend(editor, at + ".spread", variance, site.variance().orElseThrow(), perChannel);
        constant(editor, at + ".epsilon", new float[] {(float) site.layer().epsilon()}, 1);
        constant(editor, at + ".gamma", site.gamma().constant().floats(), perChannel);
        constant(editor, at + ".beta", site.beta().orElseThrow().constant().floats(), perChannel);
        editor.addNode(node(at + ".raised", "Add", at + ".raised", spread, at + ".epsilon"));
        editor.addNode(node(at + ".deviation", "Sqrt", at + ".deviation", at + ".raised"));
        editor.addNode(node(at + ".scale", "Div", at + ".scale", at + ".gamma", at + ".deviation"));
        editor.addNode(node(at + ".centred", "Sub", at + ".centred", site.input(), by));
        editor.addNode(node(at + ".scaled", "Mul", at + ".scaled", at + ".centred", at + ".scale"));
        editor.removeNode(site.nodes().get(0));
        editor.addNode(node(at + ".shifted", "Add", site.output(), at + ".scaled", at + ".beta"));
        for (String output : List.of(mean, variance)) {
            editor.furtherOutput(output, perChannel);
            outputs.add(output);
        }
    }

    private static String mean(OnnxModel model, OnnxGraphEditor editor, String name, String value, long... axes) {
        if (model.opset() >= AXES_ARE_AN_INPUT) {
            editor.addInitializer(OnnxTensor.of(name + ".axes", axes, axes.length));
            editor.addNode(OnnxNode.of(
                    name, "ReduceMean", OnnxAttributes.none().with("keepdims", 1), name, value, name + ".axes"));
        } else {
            editor.addNode(OnnxNode.of(
                    name,
                    "ReduceMean",
                    OnnxAttributes.none().with("keepdims", 1).with("axes", axes),
                    name,
                    value));
        }
        return name;
    }

    private static String blend(
            OnnxGraphEditor editor, String name, String measured, NormSite.Parameter source, long... dims) {
        constant(editor, name + ".source", source.constant().floats(), dims);
        editor.addNode(node(name + ".kept", "Mul", name + ".kept", name + ".source", PRIOR));
        editor.addNode(node(name + ".new", "Mul", name + ".new", measured, "cema.share"));
        editor.addNode(node(name, "Add", name, name + ".kept", name + ".new"));
        return name;
    }

    private static void constant(OnnxGraphEditor editor, String name, float[] values, long... dims) {
        editor.addInitializer(OnnxTensor.of(name, values, dims));
    }

    private static OnnxNode node(String name, String op, String output, String... inputs) {
        return OnnxNode.of(name, op, OnnxAttributes.none(), output, inputs);
    }

    /** 4 for planes, 2 for one number a channel. */
    private static OptionalInt rank(OnnxModel model, String value) {
        String at = value;
        for (int hops = 0; hops <= model.nodes().size(); hops++) {
            if (at.equals(model.input().name())) {
                return OptionalInt.of(4);
            }
            OnnxNode producer = model.producer(at).orElse(null);
            if (producer == null) {
                return OptionalInt.empty();
            }
            if (PLANES.contains(producer.op())) {
                return OptionalInt.of(4);
            }
            if (producer.is("Gemm") || producer.is("Flatten")) {
                return OptionalInt.of(2);
            }
            if (!SAME_RANK.contains(producer.op())) {
                return OptionalInt.empty();
            }
            at = producer.input(0);
        }
        return OptionalInt.empty();
    }
}
