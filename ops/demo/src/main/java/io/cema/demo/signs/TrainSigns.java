package io.cema.demo.signs;

import io.cema.bench.corruption.Corruption;
import io.cema.bench.image.ImageSet;
import io.cema.bench.training.Accuracy;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.protocol.onnx.OnnxModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains the demo's two nets from nothing and says what they can do. */
@Command(
        name = "train-signs",
        description = "Draws traffic signs, trains the demo's edge and foundation nets on them, writes both as ONNX and"
                + " prints their accuracy under each corruption.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class TrainSigns implements Callable<Integer> {
    private static final long TEST_SEED = 1_000_003;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where the two ONNX files go.")
    private Path out;

    @Option(names = "--images", defaultValue = "10000", description = "Training images (${DEFAULT-VALUE}).")
    private int images;

    @Option(names = "--test-images", defaultValue = "1000", description = "Images for the table (${DEFAULT-VALUE}).")
    private int testImages;

    @Option(names = "--edge-epochs", defaultValue = "5", description = "Passes for the edge net (${DEFAULT-VALUE}).")
    private int edgeEpochs;

    @Option(
            names = "--foundation-epochs",
            defaultValue = "4",
            description = "Passes for the foundation net in each of its two lessons (${DEFAULT-VALUE}).")
    private int foundationEpochs;

    @Option(names = "--vit-epochs", defaultValue = "16", description = "Passes for the transformer (${DEFAULT-VALUE}).")
    private int vitEpochs;

    @Option(
            names = "--only",
            paramLabel = "NET",
            description =
                    "Train this one alone: ${COMPLETION-CANDIDATES}; without the table, for two processes that share the work. VIT,"
                            + " a vision transformer, is no part of the demo and trained only here.")
    private SignModels only;

    @Option(names = "--seed", defaultValue = "1", description = "Of images and weights (${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--threads", defaultValue = "1", description = "Of libtorch (${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--draw",
            paramLabel = "DIR",
            description = "Draw the training images into a folder, one sub-folder per class; train nothing.")
    private Path draw;

    @Option(names = "--evaluate-only", description = "Print the table of the nets that stand in DIR; train nothing.")
    private boolean evaluateOnly;

    @Spec
    private CommandSpec spec;

    private final SignGenerator generator = new SignGenerator();

    /** Exit code 0 when both nets stand in the folder. */
    public static void main(String[] arguments) {
        System.setProperty("java.awt.headless", "true");
        System.exit(new CommandLine(new TrainSigns()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        if (draw != null) {
            say("drawing %d signs into %s", images, draw);
            SignFolder.write(draw, generator.generate(images, seed));
            return 0;
        }
        if (!evaluateOnly) {
            Files.createDirectories(out);
            say("drawing %d signs of %d classes", images, SignClass.values().length);
            ImageSet training = generator.generate(images, seed);
            for (SignModels net : only == null ? List.of(SignModels.EDGE, SignModels.FOUNDATION) : List.of(only)) {
                train(net, training, epochs(net));
            }
        }
        if (only == null || evaluateOnly) {
            table();
        }
        return 0;
    }

    private int epochs(SignModels which) {
        return switch (which) {
            case EDGE -> edgeEpochs;
            case FOUNDATION -> foundationEpochs;
            case VIT -> vitEpochs;
        };
    }

    private void train(SignModels which, ImageSet training, int epochs) throws IOException {
        long start = System.nanoTime();
        OnnxModel net = which.build(which.seed(seed));
        for (int lesson = 0; lesson < which.lessons().size(); lesson++) {
            String title = which.fileName() + ", lesson " + (lesson + 1);
            net = which.lessons()
                    .get(lesson)
                    .training(epochs, threads)
                    .run(
                            net,
                            training,
                            which.seed(seed) + 100 * lesson,
                            (step, steps, loss) -> say(
                                    "%s: step %d of %d, loss %.3f, %d s",
                                    title, step, steps, loss, (System.nanoTime() - start) / 1_000_000_000));
        }
        Path file = out.resolve(which.fileName());
        Files.write(file, net.toBytes());
        say("%s: %d bytes", file, Files.size(file));
    }

    private void table() throws IOException {
        ImageSet clean = generator.generate(testImages, TEST_SEED);
        OnnxRuntimeEngineFactory factory = new OnnxRuntimeEngineFactory(threads);
        try (InferenceEngine edge = factory.open(read(SignModels.EDGE));
                InferenceEngine foundation = factory.open(read(SignModels.FOUNDATION))) {
            say("accuracy in %%, edge / foundation, %d images", clean.size());
            say("%-16s %s", "clean", pair(edge, foundation, clean));
            for (Corruption corruption : Corruption.all()) {
                StringBuilder row = new StringBuilder();
                for (int severity : List.of(1, 3, 5)) {
                    ImageSet spoilt = Accuracy.corrupted(clean, corruption, severity, TEST_SEED);
                    row.append("  severity ").append(severity).append(": ").append(pair(edge, foundation, spoilt));
                }
                say("%-16s%s", corruption.name(), row);
            }
        }
    }

    private byte[] read(SignModels which) throws IOException {
        return Files.readAllBytes(out.resolve(which.fileName()));
    }

    private static String pair(InferenceEngine edge, InferenceEngine foundation, ImageSet images) {
        return String.format(Locale.ROOT, "%5.1f / %5.1f", percent(edge, images), percent(foundation, images));
    }

    private static double percent(InferenceEngine engine, ImageSet images) {
        return 100 * Accuracy.of(engine, images, SignGenerator.SIDE, SignModels.PREPROCESSING);
    }

    private void say(String format, Object... arguments) {
        PrintWriter console = spec.commandLine().getOut();
        console.println(String.format(Locale.ROOT, format, arguments));
        console.flush();
    }
}
