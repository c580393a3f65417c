package io.cema.edge.inference.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.InferenceException;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jboss.logging.Logger;

/** One ONNX Runtime session; owns it. Runs may overlap, as ONNX Runtime allows. */
final class OnnxRuntimeEngine implements InferenceEngine {
    private static final Logger LOG = Logger.getLogger(OnnxRuntimeEngine.class);

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final String name;
    private final String inputName;
    private final long[] inputShape;
    private final int inputLength;
    private final int classes;
    /** As many as ran at once. */
    private final Queue<SingleRun> idle = new ConcurrentLinkedQueue<>();

    OnnxRuntimeEngine(
            OrtEnvironment environment,
            OrtSession session,
            String name,
            long[] inputShape,
            int inputLength,
            int classes) {
        this.environment = environment;
        this.session = session;
        this.name = name;
        this.inputName = session.getInputNames().iterator().next();
        this.inputShape = inputShape.clone();
        this.inputLength = inputLength;
        this.classes = classes;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int inputLength() {
        return inputLength;
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public float[] logits(float[] batchInput, int n) {
        if (n < 1 || batchInput.length != (long) n * inputLength) {
            throw new InferenceException(
                    "a batch of " + n + " needs " + (long) n * inputLength + " floats, has " + batchInput.length);
        }
        try {
            return n == 1 ? single(batchInput) : batch(batchInput, n);
        } catch (OrtException e) {
            throw new InferenceException("ONNX Runtime failed on a batch of " + n + ": " + e.getMessage(), e);
        }
    }

    private float[] single(float[] image) throws OrtException {
        SingleRun run = idle.poll();
        if (run == null) {
            run = new SingleRun(environment, session, inputShape, inputLength, classes);
        }
        try {
            return run.logits(image);
        } finally {
            idle.add(run);
        }
    }

    private float[] batch(float[] batchInput, int n) throws OrtException {
        long[] shape = {n, inputShape[1], inputShape[2], inputShape[3]};
        try (OnnxTensor input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(batchInput), shape);
                OrtSession.Result result = session.run(Map.of(inputName, input))) {
            float[] logits = new float[n * classes];
            ((OnnxTensor) result.get(0)).getFloatBuffer().get(logits);
            return logits;
        }
    }

    @Override
    public void close() {
        idle.forEach(SingleRun::close);
        try {
            session.close();
        } catch (OrtException e) {
            // Nothing the caller could do; the memory is lost until the process ends.
            LOG.errorf(e, "ONNX Runtime session did not close");
        }
    }
}
