package io.cema.bench.serving;

import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** The model under load, as the registry would list it. */
record ServedModel(Path path, byte[] onnx, OnnxModel model, ModelManifest manifest) {
    static final String NAME = "bench";

    static ServedModel read(Path path, Preprocessing preprocessing) throws IOException {
        byte[] onnx = Files.readAllBytes(path);
        OnnxModel model = OnnxModel.parse(onnx);
        ModelManifest manifest = new ModelManifest(
                sha256(onnx),
                NAME,
                onnx.length,
                model.opset(),
                model.input().name(),
                model.height(),
                model.width(),
                model.output().name(),
                model.classes(),
                List.of(),
                preprocessing,
                model.normLayers());
        return new ServedModel(path, onnx, model, manifest);
    }

    String manifestDigest() {
        return sha256(manifest.toJson());
    }

    float[] input(Image image) {
        return ImageCodec.toTensor(image, manifest.height(), manifest.width(), manifest.preprocessing());
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java machine has SHA-256", e);
        }
    }
}
