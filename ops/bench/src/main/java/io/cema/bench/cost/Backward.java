package io.cema.bench.cost;

import io.cema.cloud.adaptation.torch.BackwardCost;
import io.cema.protocol.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Times the backward pass pruned to the normalisation layers against the full one, in one run, as a ratio. */
@Command(
        name = "backward-cost",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Backward pass pruned to the normalisation layers against the full one, on random images.")
public final class Backward implements Callable<Integer> {
    @Option(names = "--models", split = ",", paramLabel = "M.onnx", required = true, description = "One or more.")
    private List<Path> models;

    @Option(names = "--batch", paramLabel = "N", description = "Images of a step. Default: ${DEFAULT-VALUE}.")
    private int batch = 64;

    @Option(names = "--rounds", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int rounds = 15;

    @Option(names = "--threads", paramLabel = "N", description = "Of libtorch. Default: ${DEFAULT-VALUE}.")
    private int threads = 1;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Backward()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        if (batch < 2 || rounds < 1 || threads < 1) {
            throw new CommandLine.ParameterException(
                    new CommandLine(this), "--batch must be at least 2, --rounds and --threads at least 1");
        }
        System.out.printf(
                "%-28s %12s %18s %16s %8s%n", "model", "forward ms", "pruned backward ms", "full backward ms", "ratio");
        for (Path path : models) {
            OnnxModel model = OnnxModel.parse(Files.readAllBytes(path));
            try (BackwardCost cost = new BackwardCost(model, threads)) {
                BackwardCost.Result result =
                        cost.measure(random(batch * 3 * model.height() * model.width()), batch, rounds);
                System.out.printf(
                        Locale.ROOT,
                        "%-28s %12.1f %18.1f %16.1f %8.2f%n",
                        path.getFileName(),
                        result.forward() / 1e6,
                        result.prunedBackward() / 1e6,
                        result.fullBackward() / 1e6,
                        (double) result.prunedBackward() / result.fullBackward());
            }
        }
        return 0;
    }

    private static float[] random(int length) {
        SplittableRandom random = new SplittableRandom(1);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) (2 * random.nextDouble() - 1);
        }
        return values;
    }
}
