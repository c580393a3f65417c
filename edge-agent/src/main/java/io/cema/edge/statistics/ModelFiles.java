package io.cema.edge.statistics;

import io.cema.protocol.model.Digests;
import io.cema.protocol.onnx.MeasuringGraph;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The graphs that measure, made from the artefacts on disk; keeps the newest. One thread. */
final class ModelFiles {
    private final Path folder;
    private String digest = "";
    private MeasuringGraph graph;

    /** @param folder artefacts by their SHA-256 */
    ModelFiles(Path folder) {
        this.folder = folder;
    }

    /**
     * @throws IOException if the artefact is not there or damaged
     * @throws OnnxFormatException if it has nothing to measure
     */
    MeasuringGraph of(String model) throws IOException {
        if (!model.equals(digest)) {
            byte[] bytes = Files.readAllBytes(folder.resolve(model));
            if (!Digests.hex(bytes).equals(model)) {
                throw new IOException("artefact " + model + " in " + folder + " is damaged");
            }
            graph = MeasuringGraph.of(OnnxModel.parse(bytes));
            digest = model;
        }
        return graph;
    }
}
