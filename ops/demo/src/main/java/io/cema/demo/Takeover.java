package io.cema.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long a cohort stands without a teacher when the process that owns its loop dies, and whether anything was lost or
 * learnt twice. Ends with 0 only if nothing was.
 */
@Command(
        name = "cema takeover",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description =
                "Two cloud services, samples at a steady rate, and the end of the one that owns the loop: by kill -9,"
                        + " or by kill -STOP and, once the other has taken over, kill -CONT. Writes DIR/takeover.json.")
public final class Takeover implements Callable<Integer> {
    /** How the owner ends. */
    enum Signal {
        KILL,
        STOP
    }

    @Option(names = "--direct", description = "Samples directly from the broker; without it over Kafka.")
    private boolean direct;

    @Option(names = "--files", description = "Artefacts in a folder that both share; without it in an S3 bucket.")
    private boolean files;

    @Option(
            names = "--signal",
            defaultValue = "KILL",
            description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Signal signal;

    @Option(names = "--devices", defaultValue = "4", description = "Devices that send. Default: ${DEFAULT-VALUE}.")
    private int devices;

    @Option(names = "--rate", defaultValue = "40", description = "Samples a second, of all. Default: ${DEFAULT-VALUE}.")
    private double rate;

    @Option(names = "--before", defaultValue = "PT15S", description = "Load before. Default: ${DEFAULT-VALUE}.")
    private Duration before;

    @Option(
            names = "--after",
            defaultValue = "PT15S",
            description = "Load after the takeover. Default: ${DEFAULT-VALUE}.")
    private Duration after;

    @Option(
            names = "--resend-after",
            defaultValue = "PT5S",
            description = "How long a device waits for the cloud's word before it sends again (agents: PT30S)."
                    + " Default: ${DEFAULT-VALUE}.")
    private Duration resendAfter;

    @Option(names = "--runs", defaultValue = "1", description = "How often. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Option(names = "--out", paramLabel = "DIR", description = "Default: ops/demo/target/takeover.")
    private Path out;

    @Option(names = "--keep", description = "Keep logs and data of the processes in DIR.")
    private boolean keep;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Takeover())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path root = Path.of(System.getProperty("cema.root", "")).toAbsolutePath();
        Path folder = Files.createDirectories(out == null ? root.resolve("ops/demo/target/takeover") : out)
                .toAbsolutePath();
        List<TakeoverRun.Result> results = new ArrayList<>();
        for (int i = 1; i <= runs; i++) {
            Path place = Files.createTempDirectory(folder, "run");
            try (TakeoverRun run = new TakeoverRun(root, place, plan())) {
                TakeoverRun.Result result = run.run();
                results.add(result);
                print(result, System.out);
            }
            if (!keep) {
                delete(place);
            }
        }
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(folder.resolve("takeover.json").toFile(), results);
        return results.stream().allMatch(TakeoverRun.Result::holds) ? 0 : 1;
    }

    private TakeoverRun.Plan plan() {
        return new TakeoverRun.Plan(!direct, !files, signal == Signal.STOP, devices, rate, before, after, resendAfter);
    }

    private void print(TakeoverRun.Result result, PrintStream to) {
        to.printf(
                Locale.ROOT,
                "%s of %s, samples %s, artefacts %s, %.0f samples/s of %d devices%n",
                signal == Signal.KILL ? "kill -9" : "kill -STOP",
                result.owner(),
                direct ? "directly" : "over Kafka",
                files ? "as files" : "on S3",
                rate,
                devices);
        to.printf(
                Locale.ROOT,
                "  %s held the loop after %.1f s, stepped after %.1f s; a device was told of a sample after %.1f s%n",
                result.successor(),
                result.leaseMillis() / 1e3,
                result.stepMillis() / 1e3,
                result.ackMillis() / 1e3);
        to.printf(
                Locale.ROOT,
                "  %d sent, %d acknowledged, %d stored, %d taken by a step, %d refused; %.1f s after the last was sent all"
                        + " were acknowledged%n",
                result.sent(),
                result.acknowledged(),
                result.stored(),
                result.trained(),
                result.refused(),
                result.drainMillis() / 1e3);
        to.printf(
                Locale.ROOT,
                "  acknowledged and not stored: %d; trained on twice: %d; versions written by a former owner: %d;"
                        + " revisions out of order: %d%n",
                result.lost().size(),
                result.trainedTwice().size(),
                result.writtenByFormerOwners().size(),
                result.revisionsOutOfOrder().size());
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
