package io.cema.bench.serving;

import io.cema.bench.image.ImageSet;
import io.cema.protocol.model.Preprocessing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** What both commands of this package are told. */
final class ServingOptions {
    private static final int MOST_IMAGES = 2_000;

    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--model", paramLabel = "M.onnx", required = true, description = "What is served.")
    private Path path;

    @Option(
            names = "--images",
            paramLabel = "PATH",
            required = true,
            description = "What is asked: a file in the CIFAR-10 binary format, or a folder of images.")
    private Path images;

    @Option(names = "--mean", paramLabel = "R,G,B", required = true, description = "Of the preprocessing, on 0..1.")
    private String mean;

    @Option(names = "--std", paramLabel = "R,G,B", required = true, description = "Of the preprocessing, on 0..1.")
    private String std;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where the report goes.")
    private Path out;

    @Option(names = "--keep", description = "Keep logs and data of the agents.")
    private boolean keep;

    Path out() {
        return out;
    }

    /** The agent as it was built. */
    Path jar() {
        return Path.of(System.getProperty("cema.root", ""))
                .toAbsolutePath()
                .resolve("edge-agent/target/quarkus-app/quarkus-run.jar");
    }

    ServedModel model() throws IOException {
        try {
            return ServedModel.read(path, new Preprocessing(channels("--mean", mean), channels("--std", std)));
        } catch (IllegalArgumentException e) {
            throw wrong("--model " + path + ": " + e.getMessage());
        }
    }

    /** Tensors of the first images. */
    List<float[]> inputs(ServedModel model) throws IOException {
        try {
            return ImageSet.readUnlabelled(images).stream()
                    .limit(MOST_IMAGES)
                    .map(model::input)
                    .toList();
        } catch (IllegalArgumentException e) {
            throw wrong("--images " + images + ": " + e.getMessage());
        }
    }

    void delete(Path folder) throws IOException {
        if (keep) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private List<Double> channels(String option, String text) {
        try {
            return Arrays.stream(text.split(",")).map(Double::parseDouble).toList();
        } catch (NumberFormatException e) {
            throw wrong(option + " must be three numbers with commas between, is " + text);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
