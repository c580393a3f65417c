package io.cema.cloud.compression;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.cema.protocol.image.Image;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxModel;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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

    private OrtSession open(byte[] onnx) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            return environment.createSession(onnx, options);
        }
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
