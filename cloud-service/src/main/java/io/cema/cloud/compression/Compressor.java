package io.cema.cloud.compression;

import io.cema.cloud.adaptation.torch.NormMode;
import io.cema.cloud.adaptation.torch.NormRestorer;
import io.cema.cloud.adaptation.torch.TorchModel;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.cloud.compression.CompressionSettings.Quantization;
import io.cema.cloud.compression.CompressionSettings.Schedule;
import io.cema.cloud.compression.CompressionSettings.Sparsity;
import io.cema.cloud.compression.DistillationStage.Constraint;
import io.cema.protocol.image.Image;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.onnx.NormSite;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.QuantizedFold;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Compresses one model: prunes it 2:4 and trains it with distillation, then quantises it and trains it again under fake
 * quantisation (after GPUSQ-ViT, CVPR 2023), then writes integers with the normalisation folded. Blocks for minutes; one
 * thread; a compressor is used once.
 */
public final class Compressor {
    /** Images that no range is chosen on, to see whether the ranges hold: one of so many. */
    private static final int HELD_BACK = 8;

    private static final int MOST_CALIBRATION = 512;
    private static final int MOST_UNLABELLED_TEST = 1000;

    private final CompressionTask task;
    private final CompressionSettings settings;
    private final Progress.Listener listener;
    private final TorchSettings torch;
    private final TrainingImages images;
    private final List<String> warnings = new ArrayList<>();
    private final Map<String, OnnxModel> stages = new LinkedHashMap<>();
    private double done;

    public Compressor(CompressionTask task, CompressionSettings settings, Progress.Listener listener) {
        this.task = task;
        this.settings = settings;
        this.listener = listener;
        this.torch = TorchSettings.cpu(settings.threads());
        this.images = new TrainingImages(
                task.images(), task.preprocessing(), settings.seed(), drifting(task.model(), settings));
    }

    /**
     * Pruned weights learn anew what adaptation builds on; dense ones have it and would only forget. A changed world's own
     * statistics adapt the teacher: without layers that have any, it would only be wrong there.
     */
    static boolean drifting(OnnxModel model, CompressionSettings settings) {
        return settings.sparsity() != Sparsity.NONE
                && (NormRestorer.isNeeded(model)
                        || model.normLayers().stream().anyMatch(l -> l.kind().hasRunningStatistics()));
    }

    /**
     * Does the whole job.
     *
     * @throws CompressionException bad input, or training that diverged
     * @throws java.util.concurrent.CancellationException from the listener
     */
    public CompressionResult run() {
        long start = System.nanoTime();
        InputCheck.require(task, settings);
        say("dense", 0, "preparing");
        stages.put("dense", task.model());
        OnnxModel dense = adaptable(task.model());
        if (settings.quantization() == Quantization.INT8) {
            dense = GemmSplitter.split(dense);
        }
        OnnxModel last = dense;
        Map<String, float[]> masks = Map.of();
        if (settings.sparsity() == Sparsity.TWO_OF_FOUR) {
            masks = TwoOfFour.masks(dense);
            last = train("sparse", dense, dense, constraints(masks, Map.of()), settings.sparseStage(), NormMode.TRAIN);
            stages.put("sparse", last);
        }
        int flips = 0;
        List<String> quantised = List.of();
        if (settings.quantization() == Quantization.INT8) {
            QuantizationPlan plan = new QuantizationPlan(last);
            quantised = plan.layers().stream().map(WeightLayer::node).toList();
            last = quantise(last, plan, dense, masks);
            flips = flips(last);
            byte[] folded = QuantizedFold.foldAll(last);
            last = OnnxModel.parse(folded);
            stages.put(masks.isEmpty() ? "int8" : "sparse-int8", last);
        }
        CompressionReport report = report(dense, masks, quantised, flips, start);
        say("done", 1, "done");
        return new CompressionResult(
                last.toBytes(), last.manifest(task.name(), task.labels(), task.preprocessing()), report);
    }

    private OnnxModel adaptable(OnnxModel model) {
        if (!NormRestorer.isNeeded(model)) {
            return model;
        }
        List<Image> some = task.images().subList(0, Math.min(MOST_CALIBRATION, images.size()));
        return NormRestorer.restore(model, images.input(some, model), torch);
    }

    private static Map<String, Constraint> constraints(Map<String, float[]> masks, Map<String, float[]> limits) {
        Map<String, Constraint> constraints = new LinkedHashMap<>();
        masks.forEach((weight, mask) -> constraints.put(weight, new Constraint(mask, limits.get(weight))));
        limits.forEach((weight, limit) -> constraints.putIfAbsent(weight, new Constraint(null, limit)));
        return constraints;
    }

    private OnnxModel train(
            String stage,
            OnnxModel model,
            OnnxModel dense,
            Map<String, Constraint> constraints,
            Schedule schedule,
            NormMode mode) {
        OnnxModel master = task.teacher().orElse(dense);
        double share = share(schedule);
        double before = done;
        try (TorchModel student = TorchModel.load(model, torch);
                TorchModel teacher = TorchModel.load(master, torch)) {
            List<String> features = LateFeatures.shared(model, master);
            if (features.isEmpty() && settings.distillation().feature() > 0) {
                warnings.add("stage " + stage + ": teacher and model have no late features in common;"
                        + " logits alone are distilled");
            }
            OnnxModel trained = new DistillationStage(stage, settings.distillation(), student, teacher, features, mode)
                    .run(images, schedule, settings.batch(), constraints, (part, detail) -> {
                        done = before + share * part;
                        say(stage, done, detail);
                    });
            done = before + share;
            return trained;
        }
    }

    /** Share of the whole job's time; a little is left for measuring. */
    private double share(Schedule schedule) {
        int all = (settings.sparsity() == Sparsity.NONE
                        ? 0
                        : settings.sparseStage().epochs())
                + (settings.quantization() == Quantization.NONE
                        ? 0
                        : settings.quantizedStage().epochs());
        return all == 0 ? 0 : 0.95 * schedule.epochs() / all;
    }

    private OnnxModel quantise(OnnxModel model, QuantizationPlan plan, OnnxModel dense, Map<String, float[]> masks) {
        say("calibration", done, plan.activations().size() + " activations");
        Map<String, Float> ranges = calibrate(model, plan);
        QuantizedGraph graph = new QuantizedGraph(model, plan);
        OnnxModel trained = train(
                masks.isEmpty() ? "int8" : "sparse-int8",
                graph.forTraining(ranges),
                dense,
                constraints(masks, graph.limits()),
                settings.quantizedStage(),
                NormMode.SOURCE);
        return EngineLayout.of(QuantizedGraph.withIntegers(trained));
    }

    private Map<String, Float> calibrate(OnnxModel model, QuantizationPlan plan) {
        List<Image> chosen = new ArrayList<>();
        List<Image> heldBack = new ArrayList<>();
        for (int i = 0; i < Math.min(images.size(), MOST_CALIBRATION); i++) {
            (i % HELD_BACK == HELD_BACK - 1 ? heldBack : chosen)
                    .add(task.images().get(i));
        }
        List<String> values = plan.activations().values().stream().distinct().toList();
        try (TorchModel runnable = TorchModel.load(model, torch)) {
            RangeCalibration calibration = new RangeCalibration(runnable, images);
            Map<String, Float> ranges = calibration.ranges(values, chosen, settings.calibration());
            requireHeld(calibration.saturation(ranges, heldBack));
            return ranges;
        }
    }

    private void requireHeld(Map<String, Double> saturation) {
        double tolerated = settings.calibration().tolerated();
        List<String> saturated = saturation.entrySet().stream()
                .filter(e -> e.getValue() > tolerated)
                .map(e -> String.format(Locale.ROOT, "%s (%.2f %%)", e.getKey(), 100 * e.getValue()))
                .toList();
        if (!saturated.isEmpty()) {
            throw new CompressionException(String.format(
                    Locale.ROOT,
                    "activations saturate on images that were held back, more than %.2f %% of their values: %s; give"
                            + " more and more varied images, or calibrate by min-max",
                    100 * tolerated,
                    String.join(", ", saturated)));
        }
    }

    private static int flips(OnnxModel quantised) {
        AffineParameters affine = quantised.affine();
        int flips = 0;
        for (int i = 0; i < quantised.normSites().size(); i++) {
            NormSite site = quantised.normSites().get(i);
            AffineParameters.Layer pair = affine.layers().get(i);
            flips += QuantizedFold.of(quantised, site)
                    .map(fold -> fold.flips(pair).length)
                    .orElse(0);
        }
        return flips;
    }

    private CompressionReport report(
            OnnxModel dense, Map<String, float[]> masks, List<String> quantised, int flips, long start) {
        say("measuring", done, "accuracy and speed on ONNX Runtime");
        List<Image> test = task.test()
                .map(CompressionTask.LabelledImages::images)
                .orElse(task.images().subList(0, Math.min(MOST_UNLABELLED_TEST, images.size())));
        OnnxRuntimeJudge judge = new OnnxRuntimeJudge(task.preprocessing());
        double[] speeds = judge.imagesPerSecond(List.copyOf(stages.values()), test.get(0));
        int[] reference = judge.classes(task.model(), test);
        List<CompressionReport.Stage> rows = new ArrayList<>();
        for (Map.Entry<String, OnnxModel> stage : stages.entrySet()) {
            OnnxModel model = stage.getValue();
            int[] classes = judge.classes(model, test);
            boolean sparse = stage.getKey().startsWith("sparse");
            List<String> integers = stage.getKey().endsWith("int8") ? quantised : List.of();
            long file = model.toBytes().length;
            rows.add(new CompressionReport.Stage(
                    stage.getKey(),
                    task.test().map(t -> agreement(classes, t.classes())).orElse(null),
                    agreement(classes, reference),
                    sparse ? file - ModelSize.savedBySparsity(dense, masks.keySet(), integers) : file,
                    file,
                    speeds[rows.size()],
                    judge.microseconds(model, test.get(0))));
        }
        OnnxModel last = List.copyOf(stages.values()).get(stages.size() - 1);
        return new CompressionReport(
                rows,
                LayerReport.of(dense, last, settings, masks.keySet(), quantised),
                images.size(),
                test.size(),
                warnings,
                flips,
                (System.nanoTime() - start) / 1e9);
    }

    private static double agreement(int[] a, int[] b) {
        int same = 0;
        for (int i = 0; i < a.length; i++) {
            same += a[i] == b[i] ? 1 : 0;
        }
        return (double) same / a.length;
    }

    private void say(String stage, double share, String detail) {
        listener.heard(new Progress(stage, share, detail));
    }
}
