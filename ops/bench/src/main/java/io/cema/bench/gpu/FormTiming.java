package io.cema.bench.gpu;

import io.cema.bench.network.Form;
import io.cema.trt.BuildOptions;
import io.cema.trt.BuildOptions.Refit;
import io.cema.trt.BuildOptions.Typing;
import io.cema.trt.Engine;
import io.cema.trt.InferenceRun;
import io.cema.trt.LayerReport;
import io.cema.trt.TensorRt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The forms of one network side by side: each has an engine for batch 1 and one for batch 64, and all take turns, so that a
 * clock that changes or a neighbour on the machine meets them alike.
 */
final class FormTiming implements AutoCloseable {
    private static final int LATENCY_BATCH = 1;
    private static final int THROUGHPUT_BATCH = 64;
    private static final int WARM_UP = 20;
    private static final int BLOCK = 20;

    private final TensorRt tensorRt;
    private final Path timingCache;
    private final Consumer<String> say;
    private final Map<Form, Built> engines = new EnumMap<>(Form.class);

    /**
     * What came of a form.
     *
     * @param latencyMs one image, from the copy in to the copy out, waiting for it
     * @param latencyGpuMs the GPU's part of it
     * @param imagesPerSecond at batch 64
     * @param int8Layers of the engine for batch 64
     * @param sparseLayers likewise, by the names of their kernels
     */
    record Result(
            Form form,
            double latencyMs,
            double latencyGpuMs,
            double imagesPerSecond,
            double buildSeconds,
            int planBytes,
            long layers,
            long int8Layers,
            long sparseLayers) {}

    private static final class Built implements AutoCloseable {
        private final List<AutoCloseable> owned = new ArrayList<>();
        private InferenceRun one;
        private InferenceRun many;
        private LayerReport layers;
        private String information;
        private double seconds;
        private int bytes;
        private final List<Double> latency = new ArrayList<>();
        private final List<Double> gpu = new ArrayList<>();
        private final List<Double> throughput = new ArrayList<>();

        @Override
        public void close() throws Exception {
            for (int i = owned.size() - 1; i >= 0; i--) {
                owned.get(i).close();
            }
        }
    }

    FormTiming(TensorRt tensorRt, Path timingCache, Consumer<String> say) {
        this.tensorRt = tensorRt;
        this.timingCache = timingCache;
        this.say = say;
    }

    static BuildOptions options(Form form) {
        boolean quantized = form == Form.DENSE_INT8 || form == Form.SPARSE_INT8;
        return BuildOptions.defaults()
                .with(quantized ? Typing.QUANTIZED : Typing.STRONG)
                .withSparseWeights(form == Form.SPARSE_INT8);
    }

    void add(Form form, byte[] onnx) {
        Built built = new Built();
        engines.put(form, built);
        long start = System.nanoTime();
        built.one = run(built, onnx, options(form), LATENCY_BATCH);
        built.many = run(built, onnx, options(form), THROUGHPUT_BATCH);
        built.seconds = (System.nanoTime() - start) / 1e9;
        say.accept(String.format(
                java.util.Locale.ROOT,
                "  %s: built in %.0f s, %d layers, %d on INT8, %d with sparse kernels",
                form,
                built.seconds,
                built.layers.layers().size(),
                built.layers.int8Layers(),
                built.layers.sparseLayers()));
    }

    private InferenceRun run(Built built, byte[] onnx, BuildOptions options, int batch) {
        byte[] plan = tensorRt.build(
                onnx,
                options.with(Refit.NONE).withBatch(batch, batch, batch),
                Set.of(),
                Optional.of(timingCache),
                line -> {});
        Engine engine = tensorRt.load(plan);
        built.owned.add(engine);
        InferenceRun run = engine.newRun(batch);
        built.owned.add(run);
        built.layers = engine.layers();
        built.information = engine.layerInformation();
        built.bytes = plan.length;
        Random random = new Random(1);
        for (int i = 0; i < run.input().capacity(); i++) {
            run.input().put(i, (float) random.nextGaussian());
        }
        for (int i = 0; i < WARM_UP; i++) {
            run.run();
        }
        return run;
    }

    /** Every form once in turn, so many times. */
    void measure(int rounds) {
        for (int round = 0; round < rounds; round++) {
            for (Built built : engines.values()) {
                for (int i = 0; i < BLOCK; i++) {
                    long start = System.nanoTime();
                    double gpu = built.one.runTimed();
                    built.latency.add((System.nanoTime() - start) / 1e6);
                    built.gpu.add(gpu);
                }
                long start = System.nanoTime();
                for (int i = 0; i < BLOCK; i++) {
                    built.many.run();
                }
                built.throughput.add((System.nanoTime() - start) / 1e6 / BLOCK);
            }
        }
    }

    List<Result> results() {
        List<Result> results = new ArrayList<>();
        engines.forEach((form, built) -> results.add(new Result(
                form,
                median(built.latency),
                median(built.gpu),
                THROUGHPUT_BATCH * 1000 / median(built.throughput),
                built.seconds,
                built.bytes,
                built.layers.layers().size(),
                built.layers.int8Layers(),
                built.layers.sparseLayers())));
        return results;
    }

    /** TensorRT's own JSON of the engine for batch 64, by form. */
    Map<Form, String> layerInformation() {
        Map<Form, String> all = new EnumMap<>(Form.class);
        engines.forEach((form, built) -> all.put(form, built.information));
        return all;
    }

    private static double median(List<Double> values) {
        return Sample.of(values.stream().mapToDouble(Double::doubleValue).toArray())
                .median();
    }

    @Override
    public void close() throws Exception {
        for (Built built : engines.values()) {
            built.close();
        }
    }
}
