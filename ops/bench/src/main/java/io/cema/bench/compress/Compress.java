package io.cema.bench.compress;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.cema.bench.image.ImageSet;
import io.cema.bench.image.LabelledImage;
import io.cema.cloud.compression.CompressionException;
import io.cema.cloud.compression.CompressionReport;
import io.cema.cloud.compression.CompressionResult;
import io.cema.cloud.compression.CompressionSettings;
import io.cema.cloud.compression.CompressionSettings.Calibration;
import io.cema.cloud.compression.CompressionSettings.Distillation;
import io.cema.cloud.compression.CompressionSettings.Method;
import io.cema.cloud.compression.CompressionSettings.Quantization;
import io.cema.cloud.compression.CompressionSettings.Schedule;
import io.cema.cloud.compression.CompressionSettings.Sparsity;
import io.cema.cloud.compression.CompressionTask;
import io.cema.cloud.compression.CompressionTask.LabelledImages;
import io.cema.cloud.compression.Compressor;
import io.cema.cloud.compression.Progress;
import io.cema.protocol.image.Image;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.SignedActivations;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Compresses a model from the command line. Exit code 0 when the compressed model stands in the folder. */
@Command(
        name = "compress",
        description =
                "Turns a dense float32 ONNX classifier into a 2:4 sparse, INT8 one in the Q/DQ format, taught by the"
                        + " dense model on unlabelled images. Writes model.onnx, manifest.json and report.json, and"
                        + " model.tensorrt.onnx, the same integers in the form that TensorRT takes.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class Compress implements Callable<Integer> {
    @Option(names = "--model", paramLabel = "M.onnx", required = true, description = "The dense float32 model.")
    private Path model;

    @Option(names = "--teacher", paramLabel = "T.onnx", description = "Teacher, same classes (the dense model itself).")
    private Path teacher;

    @Option(
            names = "--images",
            paramLabel = "PATH",
            required = true,
            description = "Unlabelled images: a file in the CIFAR-10 binary format, whose labels are not used, or a"
                    + " folder of images.")
    private Path images;

    @Option(names = "--mean", paramLabel = "R,G,B", required = true, description = "Of the preprocessing, on 0..1.")
    private String mean;

    @Option(names = "--std", paramLabel = "R,G,B", required = true, description = "Of the preprocessing, on 0..1.")
    private String std;

    @Option(names = "--sparsity", defaultValue = "2:4", description = "2:4 or none (${DEFAULT-VALUE}).")
    private String sparsity;

    @Option(names = "--quantize", defaultValue = "int8", description = "int8 or none (${DEFAULT-VALUE}).")
    private String quantize;

    @Option(
            names = "--test-images",
            paramLabel = "PATH",
            description = "Labelled images that the report's accuracies are of; never trained on.")
    private Path testImages;

    @Option(names = "--seed", defaultValue = "1", description = "Of order and augmentation (${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where the results go.")
    private Path out;

    @Option(names = "--name", description = "The model's name in the manifest (its file's name).")
    private String name;

    @Option(
            names = "--calibration",
            defaultValue = "percentile",
            description = "Ranges of activations: min-max, percentile or entropy (${DEFAULT-VALUE}).")
    private String calibration;

    @Option(names = "--percentile", description = "Share of values within the range, in percent (99.99).")
    private Double percentile;

    @Option(
            names = "--tolerated-saturation",
            description = "Share of an activation's values that may lie beyond its range (0.01).")
    private Double tolerated;

    @Option(names = "--sparse-epochs", description = "Passes over the images after pruning (6).")
    private Integer sparseEpochs;

    @Option(names = "--int8-epochs", description = "Passes under fake quantisation (3).")
    private Integer int8Epochs;

    @Option(names = "--sparse-rate", description = "Highest learning rate after pruning (0.02).")
    private Double sparseRate;

    @Option(names = "--int8-rate", description = "Highest learning rate under fake quantisation (0.004).")
    private Double int8Rate;

    @Option(names = "--hard", description = "Weight of the teacher's classes in the loss (1).")
    private Double hard;

    @Option(names = "--soft", description = "Weight of the teacher's probabilities in the loss (10).")
    private Double soft;

    @Option(names = "--feature", description = "Weight of late features in the loss (5).")
    private Double feature;

    @Option(names = "--temperature", description = "Of the teacher's probabilities (2).")
    private Double temperature;

    @Option(names = "--batch", description = "Images per step (64).")
    private Integer batch;

    @Option(names = "--threads", defaultValue = "1", description = "Of libtorch (${DEFAULT-VALUE}).")
    private int threads;

    @Spec
    private CommandSpec spec;

    private String shown = "";
    private int shownPercent = -1;

    public static void main(String[] arguments) {
        System.setProperty("java.awt.headless", "true");
        System.exit(new CommandLine(new Compress()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        CompressionSettings settings = settings();
        CompressionTask task = task();
        Files.createDirectories(out);
        try {
            write(new Compressor(task, settings, this::show).run());
            return 0;
        } catch (CompressionException e) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("compress: " + e.getMessage());
            if (e.lastGood().isPresent()) {
                Path kept = out.resolve("last-good.onnx");
                Files.write(kept, e.lastGood().get().toBytes());
                err.println("compress: what training had reached before stands in " + kept);
            }
            return 1;
        }
    }

    private CompressionSettings settings() {
        CompressionSettings d = CompressionSettings.defaults();
        try {
            return new CompressionSettings(
                    choice("--sparsity", sparsity, List.of("2:4", "none")) == 0 ? Sparsity.TWO_OF_FOUR : Sparsity.NONE,
                    choice("--quantize", quantize, List.of("int8", "none")) == 0
                            ? Quantization.INT8
                            : Quantization.NONE,
                    new Calibration(
                            Method.values()[
                                    choice("--calibration", calibration, List.of("min-max", "percentile", "entropy"))],
                            or(percentile, d.calibration().percentile()),
                            or(tolerated, d.calibration().tolerated())),
                    new Distillation(
                            or(hard, d.distillation().hard()),
                            or(soft, d.distillation().soft()),
                            or(feature, d.distillation().feature()),
                            or(temperature, d.distillation().temperature())),
                    new Schedule(
                            or(sparseEpochs, d.sparseStage().epochs()),
                            or(sparseRate, d.sparseStage().learningRate())),
                    new Schedule(
                            or(int8Epochs, d.quantizedStage().epochs()),
                            or(int8Rate, d.quantizedStage().learningRate())),
                    or(batch, d.batch()),
                    seed,
                    threads);
        } catch (IllegalArgumentException e) {
            throw wrong(e.getMessage());
        }
    }

    private static <T> T or(T given, T otherwise) {
        return given == null ? otherwise : given;
    }

    private int choice(String option, String value, List<String> choices) {
        int index = choices.indexOf(value);
        if (index < 0) {
            throw wrong(option + " " + value + ": choose one of " + String.join(", ", choices));
        }
        return index;
    }

    private CompressionTask task() throws IOException {
        Preprocessing preprocessing;
        try {
            preprocessing = new Preprocessing(channels("--mean", mean), channels("--std", std));
        } catch (IllegalArgumentException e) {
            throw wrong("--mean " + mean + " --std " + std + ": " + e.getMessage());
        }
        OnnxModel dense = read("--model", model);
        Optional<OnnxModel> master = teacher == null ? Optional.empty() : Optional.of(read("--teacher", teacher));
        Optional<ImageSet> test = testImages == null ? Optional.empty() : Optional.of(labelled());
        return new CompressionTask(
                name == null ? model.getFileName().toString().replaceFirst("\\.onnx$", "") : name,
                dense,
                master,
                preprocessing,
                List.of(),
                unlabelled(),
                test.map(t -> new LabelledImages(
                        t.images().stream().map(LabelledImage::image).toList(),
                        t.images().stream().mapToInt(LabelledImage::label).toArray())));
    }

    private List<Double> channels(String option, String text) {
        List<Double> values = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            try {
                values.add(Double.parseDouble(part.strip()));
            } catch (NumberFormatException e) {
                throw wrong(
                        option + " " + text + ": \"" + part + "\" is no number; write three, e.g. 0.485,0.456,0.406");
            }
        }
        return values;
    }

    private OnnxModel read(String option, Path file) throws IOException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw wrong(option + " " + file + ": no such file, or it cannot be read");
        }
        try {
            return OnnxModel.parse(Files.readAllBytes(file));
        } catch (OnnxFormatException e) {
            throw wrong(option + " " + file + ": " + e.getMessage());
        }
    }

    private List<Image> unlabelled() throws IOException {
        try {
            return ImageSet.readUnlabelled(images);
        } catch (IllegalArgumentException e) {
            throw wrong("--images: " + e.getMessage());
        }
    }

    private ImageSet labelled() throws IOException {
        try {
            return ImageSet.read(testImages);
        } catch (IllegalArgumentException e) {
            throw wrong("--test-images: " + e.getMessage());
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void write(CompressionResult result) throws IOException {
        Files.write(out.resolve("model.onnx"), result.onnx());
        if (quantize.equals("int8")) {
            Files.write(out.resolve("model.tensorrt.onnx"), SignedActivations.of(result.onnx()));
        }
        Files.write(out.resolve("manifest.json"), result.manifest().toJson());
        Files.writeString(
                out.resolve("report.json"),
                new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(result.report())
                        + "\n");
        table(result.report());
    }

    private void table(CompressionReport report) {
        say("%-12s %9s %10s %10s %9s %9s", "stage", "accuracy", "agreement", "bytes", "images/s", "speed-up");
        double first = report.stages().get(0).imagesPerSecond();
        for (CompressionReport.Stage stage : report.stages()) {
            say(
                    "%-12s %9s %10.4f %10d %9.0f %9.2f",
                    stage.stage(),
                    stage.accuracy() == null ? "-" : String.format(Locale.ROOT, "%.4f", stage.accuracy()),
                    stage.agreement(),
                    stage.bytes(),
                    stage.imagesPerSecond(),
                    stage.imagesPerSecond() / first);
        }
        for (CompressionReport.Layer layer : report.layers()) {
            if (!layer.reason().isEmpty()) {
                say("%s (%s %s): %s", layer.name(), layer.op(), layer.shape(), layer.reason());
            }
        }
        report.warnings().forEach(w -> say("warning: %s", w));
        say("%.0f s; %s", report.seconds(), out.resolve("report.json"));
    }

    private void show(Progress progress) {
        int percent = (int) (100 * progress.done());
        if (!progress.stage().equals(shown) || percent >= shownPercent + 5) {
            shown = progress.stage();
            shownPercent = percent;
            say("%3d %% %s: %s", percent, progress.stage(), progress.detail());
        }
    }

    private void say(String format, Object... arguments) {
        PrintWriter console = spec.commandLine().getOut();
        console.println(String.format(Locale.ROOT, format, arguments));
        console.flush();
    }
}
