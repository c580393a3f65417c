package io.cema.cloud.compression;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.protocol.image.Image;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Runs models as an edge would, on ONNX Runtime's CPU with one thread: what they say, and how fast. One thread. */
final class OnnxRuntimeJudge {
    private static final int BATCH = 100;
    private static final int ROUNDS = 150;
    private static final int RUNS = 4;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final Preprocessing preprocessing;

    OnnxRuntimeJudge(Preprocessing preprocessing) {
        this.preprocessing = preprocessing;
    }

    /** Class per image. */
    int[] classes(OnnxModel model, List<Image> images) {
        try (OrtSession session = open(model.toBytes())) {
            int[] classes = new int[images.size()];
            for (int from = 0; from < classes.length; from += BATCH) {
                List<Image> batch = images.subList(from, Math.min(classes.length, from + BATCH));
                float[] logits = run(session, model, TrainingImages.input(batch, model, preprocessing), batch.size());
                for (int i = 0; i < batch.size(); i++) {
                    classes[from + i] = argmax(logits, i * model.classes(), model.classes());
                }
            }
            return classes;
        } catch (OrtException e) {
            throw failed(e);
        }
    }

    private static int argmax(float[] logits, int from, int classes) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
            best = logits[from + c] > logits[from + best] ? c : best;
        }
        return best;
    }

    /**
     * Images per second of each model at batch 1. The models take turns, and the fastest of many rounds counts: whatever
     * else runs on the machine slows all of them, and none for good.
     */
    double[] imagesPerSecond(List<OnnxModel> models, Image image) {
        List<OrtSession> sessions = new ArrayList<>();
        try {
            for (OnnxModel model : models) {
                sessions.add(open(model.toBytes()));
            }
            double[] best = new double[models.size()];
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < best.length; i++) {
                    float[] input = TrainingImages.input(List.of(image), models.get(i), preprocessing);
                    long start = System.nanoTime();
                    for (int run = 0; run < RUNS; run++) {
                        run(sessions.get(i), models.get(i), input, 1);
                    }
                    best[i] = Math.max(best[i], RUNS * 1e9 / (System.nanoTime() - start));
                }
            }
            return best;
        } catch (OrtException e) {
            throw failed(e);
        } finally {
            sessions.forEach(OnnxRuntimeJudge::close);
        }
    }

    /**
     * Where the time of one image at batch 1 goes: by operator of the graph that ONNX Runtime made of the model, most first,
     * the sum over its nodes of the least that each took in many runs. The profiler's own cost, about two microseconds a
     * node, is in it.
     */
    Map<String, Long> microseconds(OnnxModel model, Image image) {
        try {
            Path folder = Files.createTempDirectory("cema-profile");
            try {
                return byOperator(profile(model, image, folder.resolve("run")));
            } finally {
                try (Stream<Path> files = Files.list(folder)) {
                    for (Path file : files.toList()) {
                        Files.delete(file);
                    }
                }
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("ONNX Runtime's profile cannot be kept", e);
        } catch (OrtException e) {
            throw failed(e);
        }
    }

    private JsonNode profile(OnnxModel model, Image image, Path file) throws OrtException, IOException {
        try (OrtSession.SessionOptions options = options()) {
            options.enableProfiling(file.toString());
            try (OrtSession session = environment.createSession(model.toBytes(), options)) {
                float[] input = TrainingImages.input(List.of(image), model, preprocessing);
                for (int run = 0; run < ROUNDS; run++) {
                    run(session, model, input, 1);
                }
                return new ObjectMapper()
                        .readTree(Path.of(session.endProfiling()).toFile());
            }
        }
    }

    private static Map<String, Long> byOperator(JsonNode events) {
        Map<String, Long> least = new HashMap<>();
        Map<String, String> operators = new HashMap<>();
        for (JsonNode event : events) {
            String name = event.path("name").asText();
            if (event.path("cat").asText().equals("Node") && name.endsWith("_kernel_time")) {
                least.merge(name, event.path("dur").asLong(), Math::min);
                operators.put(name, event.path("args").path("op_name").asText());
            }
        }
        Map<String, Long> sums = new HashMap<>();
        least.forEach((name, time) -> sums.merge(operators.get(name), time, Long::sum));
        Map<String, Long> sorted = new LinkedHashMap<>();
        sums.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .forEach(e -> sorted.put(e.getKey(), e.getValue()));
        return sorted;
    }

    private OrtSession open(byte[] onnx) throws OrtException {
        try (OrtSession.SessionOptions options = options()) {
            return environment.createSession(onnx, options);
        }
    }

    /** As the edge has them. */
    private static OrtSession.SessionOptions options() throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(1);
        options.setInterOpNumThreads(1);
        return options;
    }

    private float[] run(OrtSession session, OnnxModel model, float[] input, int n) throws OrtException {
        long[] shape = {n, 3, model.height(), model.width()};
        try (OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(input), shape);
                OrtSession.Result result = session.run(Map.of(model.input().name(), tensor))) {
            float[] logits = new float[n * model.classes()];
            ((OnnxTensor) result.get(0)).getFloatBuffer().get(logits);
            return logits;
        }
    }

    private static void close(OrtSession session) {
        try {
            session.close();
        } catch (OrtException e) {
            throw failed(e);
        }
    }

    private static CompressionException failed(OrtException e) {
        return new CompressionException("ONNX Runtime cannot run the model: " + e.getMessage());
    }
}
