package io.cema.cloud.adaptation.torch;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.protocol.image.Image;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The test material beside the repository; tests that need it are skipped where it is absent. */
public final class SharedData {
    private static final double[] MEAN = {.485, .456, .406};
    private static final double[] STD = {.229, .224, .225};
    private static final int PIXELS = 32 * 32;
    private static final int RECORD = 1 + 3 * PIXELS;

    private SharedData() {}

    public static OnnxModel model(String name) throws IOException {
        return OnnxModel.parse(Files.readAllBytes(file(name)));
    }

    static float[][] golden(String net) throws IOException {
        JsonNode rows =
                new ObjectMapper().readTree(file("golden-logits.json").toFile()).get(net);
        float[][] logits = new float[rows.size()][];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = new float[rows.get(i).size()];
            for (int c = 0; c < logits[i].length; c++) {
                logits[i][c] = (float) rows.get(i).get(c).asDouble();
            }
        }
        return logits;
    }

    /** One labelled image as it was taken. */
    public record Labelled(Image image, int label) {}

    /** Pixels and labels. */
    public static List<Labelled> labelled(String name, int from, int count) throws IOException {
        byte[] records = records(name, from, count);
        List<Labelled> images = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            byte[] rgb = new byte[3 * PIXELS];
            for (int p = 0; p < 3 * PIXELS; p++) {
                rgb[p % PIXELS * 3 + p / PIXELS] = records[i * RECORD + 1 + p];
            }
            images.add(new Labelled(new Image(32, 32, rgb), records[i * RECORD]));
        }
        return images;
    }

    /** One of the models with what the registry would know of it. */
    public static Distiller.Part part(String name) throws IOException {
        byte[] onnx = Files.readAllBytes(file(name));
        return new Distiller.Part(
                onnx,
                new ModelManifest(
                        "0".repeat(64),
                        name,
                        onnx.length,
                        17,
                        "input",
                        32,
                        32,
                        "logits",
                        10,
                        List.of(),
                        new Preprocessing(List.of(MEAN[0], MEAN[1], MEAN[2]), List.of(STD[0], STD[1], STD[2])),
                        OnnxModel.parse(onnx).normLayers()));
    }

    /** Preprocessed images [count, 3, 32, 32] in row-major order. */
    static float[] images(String name, int from, int count) throws IOException {
        byte[] records = records(name, from, count);
        float[] pixels = new float[count * 3 * PIXELS];
        for (int i = 0; i < count; i++) {
            for (int p = 0; p < 3 * PIXELS; p++) {
                int channel = p / PIXELS;
                double value = (records[i * RECORD + 1 + p] & 0xff) / 255.0;
                pixels[i * 3 * PIXELS + p] = (float) ((value - MEAN[channel]) / STD[channel]);
            }
        }
        return pixels;
    }

    private static byte[] records(String name, int from, int count) throws IOException {
        byte[] records = new byte[count * RECORD];
        try (var in = Files.newInputStream(file(name))) {
            in.skipNBytes((long) from * RECORD);
            if (in.readNBytes(records, 0, records.length) != records.length) {
                throw new IOException(name + " holds fewer than " + (from + count) + " images");
            }
        }
        return records;
    }

    private static Path file(String name) {
        Optional<Path> folder = folder();
        assumeTrue(folder.isPresent(), "skipped: shared/data/cifar10 is not beside the repository (set cema.shared)");
        return folder.get().resolve("data/cifar10").resolve(name);
    }

    private static Optional<Path> folder() {
        String given = System.getProperty("cema.shared", System.getenv("CEMA_SHARED"));
        if (given != null && !given.isBlank()) {
            return Optional.of(Path.of(given));
        }
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("shared/data"))) {
                return Optional.of(at.resolve("shared"));
            }
        }
        return Optional.empty();
    }
}
