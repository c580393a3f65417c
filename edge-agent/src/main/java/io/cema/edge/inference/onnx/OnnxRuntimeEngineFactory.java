package io.cema.edge.inference.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.InferenceException;
import io.cema.edge.inference.StatisticsSession;
import io.cema.protocol.onnx.MeasuringGraph;
import java.util.Map;
import java.util.Optional;

/** Opens ONNX Runtime sessions on the CPU. Thread-safe. */
public final class OnnxRuntimeEngineFactory implements EngineFactory {
    private static final String STOP_SPINNING = "session.force_spinning_stop";

    private final OrtEnvironment environment = CommandLineLimit.checked(OrtEnvironment::getEnvironment);
    private final int intraOpThreads;
    private final Optional<String> insteadBecause;

    /** @param intraOpThreads threads of one run, at least 1; 1 suits batch size 1 on a small machine */
    public OnnxRuntimeEngineFactory(int intraOpThreads) {
        this(intraOpThreads, Optional.empty());
    }

    /** @param insteadBecause why it is not the wished engine; part of the engine's name, so that the fleet shows it */
    public OnnxRuntimeEngineFactory(int intraOpThreads, Optional<String> insteadBecause) {
        if (intraOpThreads < 1) {
            throw new IllegalArgumentException("intra-op threads must be at least 1, is " + intraOpThreads);
        }
        this.intraOpThreads = intraOpThreads;
        this.insteadBecause = insteadBecause;
    }

    @Override
    public String engineName() {
        return "onnxruntime-cpu " + environment.getVersion()
                + insteadBecause.map(reason -> " (" + reason + ")").orElse("");
    }

    @Override
    public InferenceEngine open(byte[] onnx) {
        OrtSession session = session(onnx);
        try {
            TensorInfo input = single(session.getInputInfo(), "input", 4);
            TensorInfo output = single(session.getOutputInfo(), "output", 2);
            long[] in = input.getShape();
            int inputLength = Math.toIntExact(in[1] * in[2] * in[3]);
            int classes = Math.toIntExact(output.getShape()[1]);
            return new OnnxRuntimeEngine(environment, session, engineName(), in, inputLength, classes);
        } catch (OrtException | RuntimeException e) {
            close(session, e);
            throw e instanceof InferenceException i
                    ? i
                    : new InferenceException("ONNX Runtime cannot describe the model: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean measures() {
        return true;
    }

    @Override
    public StatisticsSession measuring(MeasuringGraph graph) {
        return new OnnxRuntimeStatistics(environment, session(graph.onnx()), graph);
    }

    private OrtSession session(byte[] onnx) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(intraOpThreads);
            options.setInterOpNumThreads(1);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            // After a run its threads would spin for a while, on the cores of those who answer and ask.
            options.addConfigEntry(STOP_SPINNING, "1");
            return environment.createSession(onnx, options);
        } catch (OrtException e) {
            throw new InferenceException("ONNX Runtime cannot load the model: " + e.getMessage(), e);
        }
    }

    private static TensorInfo single(Map<String, NodeInfo> infos, String what, int rank) {
        if (infos.size() != 1) {
            throw new InferenceException("the model has " + infos.size() + " " + what + "s, needs exactly one");
        }
        NodeInfo node = infos.values().iterator().next();
        if (!(node.getInfo() instanceof TensorInfo tensor) || tensor.type != OnnxJavaType.FLOAT) {
            throw new InferenceException(what + " " + node.getName() + " is not a float32 tensor");
        }
        long[] shape = tensor.getShape();
        if (shape.length != rank) {
            throw new InferenceException(
                    what + " " + node.getName() + " has rank " + shape.length + ", needs rank " + rank);
        }
        for (int axis = 1; axis < rank; axis++) {
            if (shape[axis] < 1) {
                throw new InferenceException(what + " " + node.getName() + " has a dynamic size at axis " + axis
                        + "; only the batch may be dynamic");
            }
        }
        return tensor;
    }

    private static void close(OrtSession session, Exception cause) {
        try {
            session.close();
        } catch (OrtException e) {
            cause.addSuppressed(e);
        }
    }
}
