package io.cema.bench.serving;

import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.model.Digests;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The model under load, as the registry would list it. */
record ServedModel(Path path, byte[] onnx, OnnxModel model, ModelManifest manifest) {
    static final String NAME = "bench";

    static ServedModel read(Path path, Preprocessing preprocessing) throws IOException {
        byte[] onnx = Files.readAllBytes(path);
        OnnxModel model = OnnxModel.parse(onnx);
        return new ServedModel(path, onnx, model, model.manifest(NAME, List.of(), preprocessing));
    }

    String manifestDigest() {
        return Digests.hex(manifest.toJson());
    }

    float[] input(Image image) {
        return ImageCodec.toTensor(image, manifest.height(), manifest.width(), manifest.preprocessing());
    }
}
