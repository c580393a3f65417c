package io.cema.demo;

import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.InferenceException;
import io.cema.edge.inference.Prediction;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.model.NormLayer;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The edge model as it was registered, never adapted: what the fleet would run without CEMA. One thread. */
final class BaseModel implements AutoCloseable {
    private final InferenceEngine engine;
    private final OnnxModel model;
    private final Preprocessing preprocessing;

    private BaseModel(InferenceEngine engine, OnnxModel model, Preprocessing preprocessing) {
        this.engine = engine;
        this.model = model;
        this.preprocessing = preprocessing;
    }

    static BaseModel open(Path onnx, Preprocessing preprocessing) throws IOException {
        byte[] bytes = Files.readAllBytes(onnx);
        try {
            OnnxModel model = OnnxModel.parse(bytes);
            return new BaseModel(new OnnxRuntimeEngineFactory(1).open(bytes), model, preprocessing);
        } catch (OnnxFormatException | InferenceException e) {
            throw new DemoException("--edge-model " + onnx + ": " + e.getMessage(), e);
        }
    }

    /** Two numbers per normalisation channel, as plain float32: what an update would weigh uncoded. */
    long rawUpdateBytes() {
        return model.normLayers().stream().mapToLong(NormLayer::channels).sum() * 2 * Float.BYTES;
    }

    int classes() {
        return engine.classes();
    }

    /** The class of each image. */
    int[] predict(List<Image> images) {
        int length = engine.inputLength();
        float[] batch = new float[length * images.size()];
        for (int i = 0; i < images.size(); i++) {
            float[] input = ImageCodec.toTensor(images.get(i), model.height(), model.width(), preprocessing);
            System.arraycopy(input, 0, batch, i * length, length);
        }
        float[] logits = engine.logits(batch, images.size());
        int[] classes = new int[images.size()];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = Prediction.fromLogits(logits, i * engine.classes(), engine.classes())
                    .predictedClass();
        }
        return classes;
    }

    @Override
    public void close() {
        engine.close();
    }
}
