package io.cema.cloud.adaptation;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import io.cema.protocol.message.StatisticsReport;
import io.cema.protocol.model.NormStatistics;
import io.cema.protocol.onnx.MeasuringGraph;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.StatisticsCodec;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The agent's measurement in miniature, on ONNX Runtime. */
final class MeasuredFrames {
    private MeasuredFrames() {}

    /**
     * What a device that runs the registered model tells of these frames; but for what it runs, which it adds itself.
     *
     * @param input CHW float32 of each frame
     */
    static StatisticsReport of(OnnxModel model, List<float[]> input) {
        MeasuringGraph graph = MeasuringGraph.of(model);
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(graph.onnx())) {
            Answers served = new Answers(
                    run(environment, session, model, graph, input, 1).get(0), model.classes());
            List<float[]> measured = run(environment, session, model, graph, input, 0.5f);
            Answers renormalised = new Answers(measured.get(0), model.classes());
            List<NormStatistics.Layer> layers = new ArrayList<>();
            for (int l = 0; l < graph.source().layers().size(); l++) {
                String name = graph.source().layers().get(l).name();
                layers.add(new NormStatistics.Layer(name, measured.get(1 + 2 * l), measured.get(2 + 2 * l)));
            }
            return StatisticsReport.newBuilder()
                    .setFrames(input.size())
                    .setPrior(0.5f)
                    .setStatistics(
                            ByteString.copyFrom(StatisticsCodec.encode(new NormStatistics(layers), graph.source())))
                    .setMeanEntropy((float) served.entropy)
                    .setInformation((float) served.information)
                    .addAllClasses(served.classes)
                    .setRenormalisedMeanEntropy((float) renormalised.entropy)
                    .setRenormalisedInformation((float) renormalised.information)
                    .addAllRenormalisedClasses(renormalised.classes)
                    .build();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same frames, answered by a device that runs what came of them. */
    static StatisticsReport updated(StatisticsReport report) {
        return report.toBuilder()
                .setMeanEntropy(report.getRenormalisedMeanEntropy())
                .setInformation(report.getRenormalisedInformation())
                .clearClasses()
                .addAllClasses(report.getRenormalisedClassesList())
                .build();
    }

    private static List<float[]> run(
            OrtEnvironment environment,
            OrtSession session,
            OnnxModel model,
            MeasuringGraph graph,
            List<float[]> frames,
            float prior)
            throws OrtException {
        FloatBuffer images = FloatBuffer.allocate(frames.size() * frames.get(0).length);
        frames.forEach(images::put);
        long[] shape = {frames.size(), 3, model.height(), model.width()};
        try (OnnxTensor input = OnnxTensor.createTensor(environment, images.flip(), shape);
                OnnxTensor share =
                        OnnxTensor.createTensor(environment, FloatBuffer.wrap(new float[] {prior}), new long[] {1});
                OrtSession.Result result = session.run(Map.of(graph.input(), input, MeasuringGraph.PRIOR, share))) {
            List<float[]> outputs = new ArrayList<>();
            for (int i = 0; i < result.size(); i++) {
                FloatBuffer buffer = ((OnnxTensor) result.get(i)).getFloatBuffer();
                float[] values = new float[buffer.remaining()];
                buffer.get(values);
                outputs.add(values);
            }
            return outputs;
        }
    }

    private static final class Answers {
        private final List<Integer> classes = new ArrayList<>();
        private double entropy;
        private double information;

        Answers(float[] logits, int width) {
            int frames = logits.length / width;
            int[] counts = new int[width];
            double[] mean = new double[width];
            for (int n = 0; n < frames; n++) {
                int best = n * width;
                for (int c = 0; c < width; c++) {
                    best = logits[n * width + c] > logits[best] ? n * width + c : best;
                }
                counts[best - n * width]++;
                double total = 0;
                for (int c = 0; c < width; c++) {
                    total += Math.exp(logits[n * width + c] - logits[best]);
                }
                for (int c = 0; c < width; c++) {
                    double p = Math.exp(logits[n * width + c] - logits[best]) / total;
                    mean[c] += p / frames;
                    entropy -= p > 0 ? p * Math.log(p) / frames : 0;
                }
            }
            for (int c = 0; c < width; c++) {
                classes.add(counts[c]);
                information -= mean[c] > 0 ? mean[c] * Math.log(mean[c]) : 0;
            }
            information = Math.max(0, information - entropy);
        }
    }
}
