package io.cema.edge.inference.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;

/**
 * What a run of one image needs besides the session, made once for many runs: to make and free it each time costs as much as
 * a tenth of a small model's run. One run at a time.
 */
final class SingleRun implements AutoCloseable {
    private final OrtSession session;
    private final FloatBuffer input;
    private final FloatBuffer output;
    private final OnnxTensor inputTensor;
    private final OnnxTensor outputTensor;
    private final Map<String, OnnxTensor> inputs;
    private final Map<String, OnnxTensor> outputs;

    /** @param inputShape its batch is not looked at */
    SingleRun(OrtEnvironment environment, OrtSession session, long[] inputShape, int inputLength, int classes)
            throws OrtException {
        this.session = session;
        this.input = floats(inputLength);
        this.output = floats(classes);
        this.inputTensor = OnnxTensor.createTensor(
                environment, input, new long[] {1, inputShape[1], inputShape[2], inputShape[3]});
        try {
            this.outputTensor = OnnxTensor.createTensor(environment, output, new long[] {1, classes});
        } catch (OrtException e) {
            inputTensor.close();
            throw e;
        }
        this.inputs = Map.of(session.getInputNames().iterator().next(), inputTensor);
        this.outputs = Map.of(session.getOutputNames().iterator().next(), outputTensor);
    }

    /** @return the logits; the caller's */
    float[] logits(float[] image) throws OrtException {
        input.put(0, image);
        try (OrtSession.Result result = session.run(inputs, outputs)) {
            float[] logits = new float[output.capacity()];
            output.get(0, logits);
            return logits;
        }
    }

    @Override
    public void close() {
        inputTensor.close();
        outputTensor.close();
    }

    private static FloatBuffer floats(int count) {
        return ByteBuffer.allocateDirect(count * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }
}
