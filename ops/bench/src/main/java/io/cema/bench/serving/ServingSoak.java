package io.cema.bench.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.cema.bench.serving.AgentProcess.Holding;
import io.cema.ops.stack.Ports;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * An agent under half of its load for a long time, with an update every few seconds and a broker that goes away, by
 * {@code kill -9}, for random spells. Exit code 0 if no request failed and memory, open files and disk stayed within
 * their bounds.
 */
@Command(
        name = "serving-soak",
        description = "Puts an agent under half load for half an hour, with an update every 5 s and a broker that is"
                + " killed for random spells, and watches memory, open files and disk. Writes DIR/soak.json.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class ServingSoak implements Callable<Integer> {
    private static final String DEVICE = "soaked";
    private static final int CLIENTS = 4;
    private static final double CALIBRATION_SECONDS = 10;
    /** Small enough that it is full within the run's outages if it grows at all. */
    private static final long SPOOL_BYTES = 8 << 20;

    private static final long DISK_BESIDE_SPOOL = 32 << 20;
    /** Of the newest third of the run over the middle third. */
    private static final double MOST_GROWTH = 1.10;

    private static final int FILES_MORE = 16;
    private static final double LARGEST_CHANGE = 0.01;

    @Mixin
    private ServingOptions options;

    @Option(names = "--duration", defaultValue = "PT30M", description = "Of the soak (${DEFAULT-VALUE}).")
    private Duration duration;

    @Option(names = "--update-every", defaultValue = "PT5S", description = "Between updates (${DEFAULT-VALUE}).")
    private Duration updateEvery;

    @Option(names = "--sample-every", defaultValue = "PT10S", description = "Between looks (${DEFAULT-VALUE}).")
    private Duration sampleEvery;

    @Option(names = "--seed", defaultValue = "1", description = "Of outages and updates (${DEFAULT-VALUE}).")
    private long seed;

    private final PrintWriter out = new PrintWriter(System.out, true);

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ServingSoak()).execute(arguments));
    }

    /** A look at the agent. */
    record Look(double minute, Holding holding, long spoolBytes, long applied, boolean connected, double p99Millis) {}

    /**
     * What came of it.
     *
     * @param broken what did not hold, empty if all did
     */
    record Result(
            double minutes,
            double perSecond,
            long requests,
            long failures,
            List<String> messages,
            double p50Millis,
            double p99Millis,
            double p999Millis,
            double slowestMillis,
            long updatesPublished,
            long updatesApplied,
            long updatesRefused,
            long outages,
            long samples,
            List<Look> looks,
            List<String> broken) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        ServedModel model = options.model();
        List<float[]> inputs = options.inputs(model);
        Files.createDirectories(options.out());
        Path folder = Files.createTempDirectory(options.out(), "soak");
        Result result;
        try (StandInCloud cloud = new StandInCloud(folder);
                AgentProcess agent = AgentProcess.start(
                        options.jar(),
                        DEVICE,
                        folder.resolve(DEVICE),
                        Ports.claim(0, "edge agent", "nothing"),
                        Map.of(
                                "cema.mqtt.host", cloud.broker().host(),
                                "cema.mqtt.port",
                                        Integer.toString(cloud.broker().brokerPort()),
                                "cema.uplink.spool-max-bytes", Long.toString(SPOOL_BYTES),
                                "cema.trust.key-file",
                                        StandInCloud.publicKey(folder).toString()))) {
            StandInCloud.give(model, folder.resolve(DEVICE));
            cloud.wish(DEVICE, model, true);
            agent.awaitReady();
            ClosedLoop.Door door = () -> new TensorCaller(
                    agent.port(),
                    ServedModel.NAME,
                    model.manifest().inputName(),
                    model.manifest().height(),
                    model.manifest().width());
            ClosedLoop loop = new ClosedLoop(inputs);
            loop.run(door, CLIENTS, CALIBRATION_SECONDS);
            double full = loop.run(door, CLIENTS, CALIBRATION_SECONDS).perSecond();
            out.printf(Locale.ROOT, "full load %.1f requests/s, half of it for %s%n", full, duration);
            result = soak(cloud, agent, model, new PacedLoad(door, inputs, CLIENTS, full / 2), full / 2);
        } finally {
            options.delete(folder);
        }
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(options.out().resolve("soak.json").toFile(), result);
        print(result);
        return result.broken().isEmpty() ? 0 : 1;
    }

    private Result soak(StandInCloud cloud, AgentProcess agent, ServedModel model, PacedLoad load, double rate)
            throws IOException, InterruptedException {
        Histogram all = new Histogram(3);
        List<Look> looks = new ArrayList<>();
        SmallChanges changes = new SmallChanges(model.model().affine(), LARGEST_CHANGE, new Random(seed));
        Outages outages = new Outages(cloud.broker(), new Random(seed + 1));
        long start = System.nanoTime();
        long published = 0;
        JsonNode status;
        try (load;
                outages) {
            load.start();
            outages.start();
            long nextLook = start;
            long nextUpdate = start;
            while (System.nanoTime() - start < duration.toNanos()) {
                long now = System.nanoTime();
                if (now >= nextUpdate) {
                    published += cloud.update(model, published + 1, changes.next()) ? 1 : 0;
                    nextUpdate += updateEvery.toNanos();
                }
                if (now >= nextLook) {
                    Histogram since = load.latencies();
                    all.add(since);
                    looks.add(look(agent, (now - start) / 6e10, since));
                    nextLook += sampleEvery.toNanos();
                }
                Thread.sleep(50);
            }
        }
        all.add(load.latencies());
        status = agent.status();
        return new Result(
                (System.nanoTime() - start) / 6e10,
                rate,
                load.requests(),
                load.failures(),
                load.messages(),
                all.getValueAtPercentile(50) / 1e3,
                all.getValueAtPercentile(99) / 1e3,
                all.getValueAtPercentile(99.9) / 1e3,
                all.getMaxValue() / 1e3,
                published,
                status.path("updates_applied").asLong(),
                status.path("updates_refused").asLong(),
                outages.count(),
                cloud.samples(),
                looks,
                broken(load, looks, status));
    }

    private Look look(AgentProcess agent, double minute, Histogram since) throws IOException {
        JsonNode status = agent.status();
        Look look = new Look(
                minute,
                agent.holding(),
                status.path("spool").path("bytes").asLong(),
                status.path("updates_applied").asLong(),
                status.path("connected").asBoolean(),
                since.getValueAtPercentile(99) / 1e3);
        out.printf(
                Locale.ROOT,
                "  %5.1f min  resident %d MiB  files %d  disk %d KiB  spool %d KiB  updates %d  %s  p99 %.1f ms%n",
                look.minute(),
                look.holding().residentBytes() >> 20,
                look.holding().files(),
                look.holding().diskBytes() >> 10,
                look.spoolBytes() >> 10,
                look.applied(),
                look.connected() ? "connected" : "alone",
                look.p99Millis());
        return look;
    }

    /** What does not hold of the promises. */
    private static List<String> broken(PacedLoad load, List<Look> looks, JsonNode status) {
        List<String> broken = new ArrayList<>();
        if (load.failures() > 0) {
            broken.add(load.failures() + " of " + load.requests() + " requests failed");
        }
        if (status.path("updates_applied").asLong() == 0) {
            broken.add("no update was applied, so that nothing was shown");
        }
        List<Look> middle = looks.subList(looks.size() / 3, 2 * looks.size() / 3);
        List<Look> last = looks.subList(2 * looks.size() / 3, looks.size());
        double before = mean(middle, look -> look.holding().residentBytes());
        double after = mean(last, look -> look.holding().residentBytes());
        if (after > MOST_GROWTH * before) {
            broken.add(String.format(
                    Locale.ROOT, "resident memory grew from %.0f to %.0f MiB", before / (1 << 20), after / (1 << 20)));
        }
        double files = mean(middle, look -> look.holding().files());
        if (mean(last, look -> look.holding().files()) > files + FILES_MORE) {
            broken.add("open files grew from " + files);
        }
        long disk = looks.stream()
                .mapToLong(look -> look.holding().diskBytes())
                .max()
                .orElse(0);
        if (disk > SPOOL_BYTES + DISK_BESIDE_SPOOL) {
            broken.add("the agent's folder had " + disk + " bytes");
        }
        return broken;
    }

    private static double mean(List<Look> looks, java.util.function.ToLongFunction<Look> what) {
        return looks.stream().mapToLong(what).average().orElse(0);
    }

    private void print(Result result) {
        out.printf(
                Locale.ROOT,
                "%d requests, %d failed; p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms, slowest %.1f ms%n"
                        + "%d updates published, %d applied, %d refused; %d outages; %d samples acknowledged%n",
                result.requests(),
                result.failures(),
                result.p50Millis(),
                result.p99Millis(),
                result.p999Millis(),
                result.slowestMillis(),
                result.updatesPublished(),
                result.updatesApplied(),
                result.updatesRefused(),
                result.outages(),
                result.samples());
        out.println(result.broken().isEmpty() ? "all bounds held" : "BROKEN: " + String.join("; ", result.broken()));
    }
}
