package io.cema.bench.serving;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;

/** The engine and nothing else, as a program of its own would call it: one session, shared by all its callers. */
final class BareOnnxRuntime implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final String input;
    private final long[] shape;

    /** @param threads of one run */
    BareOnnxRuntime(Path model, int threads, int height, int width) throws IOException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            session = environment.createSession(model.toString(), options);
        } catch (OrtException e) {
            throw new IOException(model + ": ONNX Runtime does not open it: " + e.getMessage(), e);
        }
        input = session.getInputNames().iterator().next();
        shape = new long[] {1, 3, height, width};
    }

    Caller caller() {
        return new Caller() {
            @Override
            public void call(float[] image) throws IOException {
                try (OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(image), shape);
                        OrtSession.Result result = session.run(Map.of(input, tensor))) {
                    result.get(0).getValue();
                } catch (OrtException e) {
                    throw new IOException("ONNX Runtime failed: " + e.getMessage(), e);
                }
            }

            @Override
            public void close() {
                // The session belongs to all callers.
            }
        };
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("the session of ONNX Runtime does not close", e);
        }
    }
}
