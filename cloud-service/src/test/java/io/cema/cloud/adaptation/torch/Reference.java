package io.cema.cloud.adaptation.torch;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.cema.protocol.onnx.OnnxModel;
import java.nio.FloatBuffer;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;

/** Runs a model in ONNX Runtime and in libtorch on the same input. */
final class Reference {
    private Reference() {}

    static float[] onnxRuntime(OnnxModel model, float[] input) {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        long image = 3L * model.height() * model.width();
        long[] shape = {input.length / image, 3, model.height(), model.width()};
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            try (OrtSession session = environment.createSession(model.toBytes(), options);
                    OnnxTensor x = OnnxTensor.createTensor(environment, FloatBuffer.wrap(input), shape);
                    OrtSession.Result result = session.run(Map.of(model.input().name(), x))) {
                FloatBuffer buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
                float[] values = new float[buffer.remaining()];
                buffer.get(values);
                return values;
            }
        } catch (OrtException e) {
            throw new AssertionError("ONNX Runtime refuses the test's model: " + e.getMessage(), e);
        }
    }

    static float[] libtorch(OnnxModel model, float[] input) {
        try (TorchModel torch = TorchModel.load(model, TorchSettings.cpu(1))) {
            return libtorch(torch, input, NormMode.SOURCE);
        }
    }

    static float[] libtorch(TorchModel torch, float[] input, NormMode mode) {
        OnnxModel model = torch.source();
        long image = 3L * model.height() * model.width();
        try (PointerScope scope = new PointerScope()) {
            return TensorData.floats(
                    torch.infer(TensorData.of(input, input.length / image, 3, model.height(), model.width()), mode));
        }
    }
}
