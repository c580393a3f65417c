package io.cema.bench.gpu;

import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.inference.tensorrt.TensorRtEngineFactory;
import io.cema.edge.inference.tensorrt.TensorRtSettings;
import io.cema.edge.update.AffineFolder;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.trt.BuildOptions.Refit;
import io.cema.trt.TensorRt;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What an update costs by each way into an engine, on the product's own path: fold, open, check against ONNX Runtime, swap,
 * while a client asks the engine in service without a pause.
 */
final class UpdateTiming {
    private static final int QUIET_RUNS = 2_000;

    private final Path folder;
    private final OnnxModel model;
    private final int updates;

    /**
     * One way.
     *
     * @param openMs until a folded update is ready for service, the first build not counted
     * @param quietMs an inference of one image while nothing else happens
     * @param duringMs the same while updates are opened and swapped
     */
    record Result(Refit refit, double firstBuildSeconds, Sample openMs, Sample quietMs, Sample duringMs) {}

    UpdateTiming(Path folder, OnnxModel model, int updates) {
        this.folder = folder;
        this.model = model;
        this.updates = updates;
    }

    Result measure(Refit refit) throws IOException, InterruptedException {
        AffineFolder folding = new AffineFolder(model);
        EngineFactory reference = new OnnxRuntimeEngineFactory(1);
        TensorRtSettings settings = new TensorRtSettings(folder.resolve(refit.name()), refit, false, 1, 2, 0);
        try (TensorRtEngineFactory engines = new TensorRtEngineFactory(TensorRt.open(), reference, settings)) {
            long start = System.nanoTime();
            AtomicReference<InferenceEngine> serving =
                    new AtomicReference<>(engines.open(folding.fold(folding.base())));
            double build = (System.nanoTime() - start) / 1e9;
            float[] image = noise(serving.get().inputLength());
            double[] quiet = new double[QUIET_RUNS];
            for (int i = 0; i < quiet.length; i++) {
                quiet[i] = once(serving.get(), image);
            }
            AtomicBoolean done = new AtomicBoolean();
            List<Double> during = new ArrayList<>();
            Object swap = new Object();
            Thread client = new Thread(() -> {
                while (!done.get()) {
                    synchronized (swap) {
                        during.add(once(serving.get(), image));
                    }
                }
            });
            client.start();
            double[] opened = new double[updates];
            for (int i = 0; i < updates; i++) {
                byte[] folded = folding.fold(perturbed(folding.base(), i));
                long begun = System.nanoTime();
                InferenceEngine next = engines.open(folded);
                opened[i] = (System.nanoTime() - begun) / 1e6;
                InferenceEngine last;
                synchronized (swap) {
                    last = serving.getAndSet(next);
                }
                last.close();
            }
            done.set(true);
            client.join();
            serving.get().close();
            return new Result(
                    refit,
                    build,
                    Sample.of(opened),
                    Sample.of(quiet),
                    Sample.of(during.stream().mapToDouble(Double::doubleValue).toArray()));
        }
    }

    private static double once(InferenceEngine engine, float[] image) {
        long start = System.nanoTime();
        engine.logits(image, 1);
        return (System.nanoTime() - start) / 1e6;
    }

    private static float[] noise(int length) {
        Random random = new Random(1);
        float[] image = new float[length];
        for (int i = 0; i < length; i++) {
            image[i] = (float) random.nextGaussian();
        }
        return image;
    }

    /** The size of an update that adaptation makes. */
    private static AffineParameters perturbed(AffineParameters base, int seed) {
        Random random = new Random(seed);
        List<AffineParameters.Layer> layers = new ArrayList<>();
        for (AffineParameters.Layer layer : base.layers()) {
            float[] scale = layer.scale().clone();
            float[] shift = layer.shift().clone();
            for (int c = 0; c < scale.length; c++) {
                scale[c] *= (float) (1 + .02 * random.nextGaussian());
                shift[c] += (float) (.02 * random.nextGaussian());
            }
            layers.add(new AffineParameters.Layer(layer.name(), scale, shift));
        }
        return new AffineParameters(layers);
    }
}
