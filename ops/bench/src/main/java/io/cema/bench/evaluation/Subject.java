package io.cema.bench.evaluation;

import io.cema.cloud.adaptation.torch.Distiller;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.Prediction;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The pair of models under evaluation, and the constants all methods share.
 *
 * @param batch images the edge sees at once
 * @param threads of libtorch
 * @param staleness every how many updates the edge gets one
 * @param replay images a method may keep for replay
 * @param scratch an empty folder for what an edge keeps on disk
 */
record Subject(
        Distiller.Part edge,
        Distiller.Part foundation,
        OnnxModel edgeModel,
        int batch,
        int threads,
        long seed,
        int staleness,
        int replay,
        Path scratch) {
    /** Reads a model as the registry would list it. */
    static Distiller.Part read(Path path, Preprocessing preprocessing) throws IOException {
        byte[] onnx = Files.readAllBytes(path);
        OnnxModel model;
        try {
            model = OnnxModel.parse(onnx);
        } catch (OnnxFormatException e) {
            throw new IllegalArgumentException(path + ": " + e.getMessage(), e);
        }
        return new Distiller.Part(onnx, model.manifest(path.getFileName().toString(), List.of(), preprocessing));
    }

    ModelManifest manifest() {
        return edge.manifest();
    }

    /** CHW float32 as the edge model takes it. */
    float[] input(Image image) {
        ModelManifest manifest = manifest();
        return ImageCodec.toTensor(image, manifest.height(), manifest.width(), manifest.preprocessing());
    }

    /** All images in one run of the engine. */
    List<Prediction> predict(InferenceEngine engine, List<Image> images) {
        float[] input = new float[images.size() * engine.inputLength()];
        for (int i = 0; i < images.size(); i++) {
            System.arraycopy(input(images.get(i)), 0, input, i * engine.inputLength(), engine.inputLength());
        }
        float[] logits = engine.logits(input, images.size());
        List<Prediction> predictions = new ArrayList<>(images.size());
        for (int i = 0; i < images.size(); i++) {
            predictions.add(Prediction.fromLogits(logits, i * engine.classes(), engine.classes()));
        }
        return predictions;
    }

    static int[] classes(List<Prediction> predictions) {
        return predictions.stream().mapToInt(Prediction::predictedClass).toArray();
    }
}
