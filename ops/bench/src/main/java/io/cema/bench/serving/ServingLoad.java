package io.cema.bench.serving;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.cema.bench.serving.ClosedLoop.Door;
import io.cema.bench.serving.ClosedLoop.Outcome;
import io.cema.ops.stack.Ports;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What serving costs: requests per second and latency of the agent against the bare engine on the same model in the same
 * run, and of the agent that learns against the one that does not. The three take turns, so that whatever else the machine
 * does hits all of them; what counts are ratios within a round.
 */
@Command(
        name = "serving-load",
        description = "Times the edge agent under HTTP clients against bare ONNX Runtime on the same model, with and"
                + " without the adaptation's part. Writes DIR/report.json.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class ServingLoad implements Callable<Integer> {
    private static final String SERVING = "serves-only";
    private static final String LEARNING = "learns";

    @Mixin
    private ServingOptions options;

    @Option(
            names = "--threads",
            split = ",",
            defaultValue = "1,2",
            description = "Of one run of the engine (${DEFAULT-VALUE}).")
    private List<Integer> threads;

    @Option(names = "--clients", split = ",", defaultValue = "1,2,4", description = "At once (${DEFAULT-VALUE}).")
    private List<Integer> clients;

    @Option(names = "--seconds", defaultValue = "10", description = "Of one turn (${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--warm-up",
            defaultValue = "30",
            description = "Seconds of load before the first turn of each (${DEFAULT-VALUE}); the agent's Java machine"
                    + " compiles meanwhile, on the same processors.")
    private double warmUp;

    @Option(names = "--rounds", defaultValue = "7", description = "Turns of each (${DEFAULT-VALUE}).")
    private int rounds;

    private final PrintWriter out = new PrintWriter(System.out, true);

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ServingLoad()).execute(arguments));
    }

    /** One contestant over all rounds; times in milliseconds. */
    record Figures(double requestsPerSecond, double p50, double p99, double p999) {
        static Figures of(List<Outcome> outcomes) {
            Histogram all = new Histogram(3);
            outcomes.forEach(outcome -> all.add(outcome.micros()));
            return new Figures(
                    median(outcomes.stream().mapToDouble(Outcome::perSecond)),
                    all.getValueAtPercentile(50) / 1e3,
                    all.getValueAtPercentile(99) / 1e3,
                    all.getValueAtPercentile(99.9) / 1e3);
        }
    }

    /**
     * One setting.
     *
     * @param overServing throughput of the agent that serves only over the bare engine's: median over rounds, least, most
     * @param overLearning throughput of the agent that learns over the one's that serves only, likewise
     * @param learningShare of the machine's processors, what the learning agent's threads for learning and for the link to
     *     the cloud used in its turns
     * @param overheadMillis what a request costs more than a run of the bare engine, in medians of latency
     */
    record Row(
            int threads,
            int clients,
            Figures bare,
            Figures serving,
            Figures learning,
            double[] overServing,
            double[] overLearning,
            double learningShare,
            double overheadMillis) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        ServedModel model = options.model();
        ClosedLoop loop = new ClosedLoop(options.inputs(model));
        Files.createDirectories(options.out());
        List<Row> rows = new ArrayList<>();
        for (int count : threads) {
            Path folder = Files.createTempDirectory(options.out(), "run");
            try (StandInCloud cloud = new StandInCloud(folder);
                    BareOnnxRuntime bare = new BareOnnxRuntime(
                            model.path(),
                            count,
                            model.manifest().height(),
                            model.manifest().width());
                    AgentProcess serving = agent(SERVING, folder, cloud, count);
                    AgentProcess learning = agent(LEARNING, folder, cloud, count)) {
                StandInCloud.give(model, folder.resolve(SERVING));
                StandInCloud.give(model, folder.resolve(LEARNING));
                cloud.wish(SERVING, model, false);
                cloud.wish(LEARNING, model, true);
                serving.awaitReady();
                learning.awaitReady();
                Map<String, Door> doors = new LinkedHashMap<>();
                doors.put("bare", bare::caller);
                doors.put(SERVING, () -> caller(serving, model));
                doors.put(LEARNING, () -> caller(learning, model));
                for (int callers : clients) {
                    rows.add(row(loop, doors, learning, count, callers));
                }
                out.printf(
                        Locale.ROOT,
                        "    the learning agent uploaded %d samples, %d bytes%n",
                        cloud.samples(),
                        cloud.bytes());
            } finally {
                options.delete(folder);
            }
        }
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(
                        options.out().resolve("report.json").toFile(),
                        Map.of("model", model.path().getFileName().toString(), "rows", rows));
        return 0;
    }

    private AgentProcess agent(String device, Path folder, StandInCloud cloud, int count) throws IOException {
        return AgentProcess.start(
                options.jar(),
                device,
                folder.resolve(device),
                Ports.claim(0, "edge agent", "nothing"),
                Map.of(
                        "cema.inference.threads", Integer.toString(count),
                        "cema.inference.engine", "onnxruntime",
                        "cema.mqtt.host", cloud.broker().host(),
                        "cema.mqtt.port", Integer.toString(cloud.broker().brokerPort()),
                        "cema.selection.seed", "1",
                        "cema.trust.key-file", StandInCloud.publicKey(folder).toString()));
    }

    private static Caller caller(AgentProcess agent, ServedModel model) {
        return new TensorCaller(
                agent.port(),
                ServedModel.NAME,
                model.manifest().inputName(),
                model.manifest().height(),
                model.manifest().width());
    }

    private Row row(ClosedLoop loop, Map<String, Door> doors, AgentProcess learner, int count, int callers)
            throws IOException, InterruptedException {
        Map<String, List<Outcome>> outcomes = new LinkedHashMap<>();
        for (Map.Entry<String, Door> door : doors.entrySet()) {
            loop.run(door.getValue(), callers, warmUp);
            outcomes.put(door.getKey(), new ArrayList<>());
        }
        double used = 0;
        for (int i = 0; i < rounds; i++) {
            for (Map.Entry<String, Door> door : doors.entrySet()) {
                double before = learner.learningSeconds();
                outcomes.get(door.getKey()).add(loop.run(door.getValue(), callers, seconds));
                used += door.getKey().equals(LEARNING) ? learner.learningSeconds() - before : 0;
            }
        }
        List<Outcome> bare = outcomes.get("bare");
        List<Outcome> serving = outcomes.get(SERVING);
        List<Outcome> learning = outcomes.get(LEARNING);
        Row row = new Row(
                count,
                callers,
                Figures.of(bare),
                Figures.of(serving),
                Figures.of(learning),
                ratios(serving, bare),
                ratios(learning, serving),
                used / (rounds * seconds * Runtime.getRuntime().availableProcessors()),
                Figures.of(serving).p50() - Figures.of(bare).p50());
        print(row);
        return row;
    }

    private void print(Row row) {
        out.printf(Locale.ROOT, "%d threads, %d clients%n", row.threads(), row.clients());
        print("bare ONNX Runtime", row.bare());
        print("agent, serves only", row.serving());
        print("agent, learns", row.learning());
        out.printf(
                Locale.ROOT,
                "    agent over bare %.3f (%.3f to %.3f), learning over serving %.3f (%.3f to %.3f),"
                        + " %.1f %% of the processors for learning, %.3f ms more per request%n",
                row.overServing()[0],
                row.overServing()[1],
                row.overServing()[2],
                row.overLearning()[0],
                row.overLearning()[1],
                row.overLearning()[2],
                100 * row.learningShare(),
                row.overheadMillis());
    }

    private void print(String name, Figures figures) {
        out.printf(
                Locale.ROOT,
                "    %-20s %8.1f requests/s   p50 %.2f ms   p99 %.2f ms   p99.9 %.2f ms%n",
                name,
                figures.requestsPerSecond(),
                figures.p50(),
                figures.p99(),
                figures.p999());
    }

    private static double[] ratios(List<Outcome> of, List<Outcome> to) {
        double[] ratios = new double[of.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = of.get(i).perSecond() / to.get(i).perSecond();
        }
        Arrays.sort(ratios);
        return new double[] {median(Arrays.stream(ratios)), ratios[0], ratios[ratios.length - 1]};
    }

    private static double median(java.util.stream.DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
