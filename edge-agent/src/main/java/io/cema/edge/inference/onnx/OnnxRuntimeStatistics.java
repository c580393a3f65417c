package io.cema.edge.inference.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.cema.edge.inference.InferenceException;
import io.cema.edge.inference.StatisticsSession;
import io.cema.protocol.model.NormStatistics;
import io.cema.protocol.onnx.MeasuringGraph;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/** A session of a graph that measures itself; owns it. */
final class OnnxRuntimeStatistics implements StatisticsSession {
    private static final Logger LOG = Logger.getLogger(OnnxRuntimeStatistics.class);

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final MeasuringGraph graph;

    OnnxRuntimeStatistics(OrtEnvironment environment, OrtSession session, MeasuringGraph graph) {
        this.environment = environment;
        this.session = session;
        this.graph = graph;
    }

    @Override
    public Measured measure(float[] batchInput, int n, float prior) {
        try {
            long[] shape =
                    ((TensorInfo) session.getInputInfo().get(graph.input()).getInfo()).getShape();
            shape[0] = n;
            try (OnnxTensor images = OnnxTensor.createTensor(environment, FloatBuffer.wrap(batchInput), shape);
                    OnnxTensor share = OnnxTensor.createTensor(
                            environment, FloatBuffer.wrap(new float[] {prior}), new long[] {1});
                    OrtSession.Result result =
                            session.run(Map.of(graph.input(), images, MeasuringGraph.PRIOR, share))) {
                return new Measured(floats(result, 0), statistics(result));
            }
        } catch (OrtException e) {
            throw new InferenceException("ONNX Runtime could not measure a batch of " + n + ": " + e.getMessage(), e);
        }
    }

    private NormStatistics statistics(OrtSession.Result result) {
        List<NormStatistics.Layer> layers = new ArrayList<>();
        int output = 1;
        for (NormStatistics.Layer layer : graph.source().layers()) {
            layers.add(new NormStatistics.Layer(layer.name(), floats(result, output), floats(result, output + 1)));
            output += 2;
        }
        return new NormStatistics(layers);
    }

    private static float[] floats(OrtSession.Result result, int output) {
        FloatBuffer buffer = ((OnnxTensor) result.get(output)).getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            // Nothing the caller could do; the memory is lost until the process ends.
            LOG.errorf(e, "ONNX Runtime session did not close");
        }
    }
}
