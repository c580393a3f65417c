package io.cema.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.cema.ops.stack.StackException;
import io.cema.protocol.image.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The whole system on one machine: starts broker, database, cloud service and two agents, shows the agents a drifting
 * stream of images, and reports what adaptation made of it. Ends with 0 only if every image was answered and every
 * drifted phase was better with adaptation than without.
 */
@Command(
        name = "cema demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = {
            "Shows the adaptation loop on one machine, with every part real.",
            "Without options: European traffic signs from clear view through fog, night and motion blur and back, in"
                    + " under three minutes. With --edge-model, --foundation-model and --images: your own.",
            "The agents run the 2:4 sparse INT8 model; --edge-model ops/demo/models/signs-edge.onnx is the float32 one it"
                    + " was made from."
        })
public final class Demo implements Callable<Integer> {
    private static final List<String> DEVICES = List.of("cam-1", "cam-2");
    private static final String STATE_MARK = ".cema-demo-state";

    @Option(names = "--edge-model", paramLabel = "E.onnx", description = "The small model that the agents run.")
    private Path edgeModel;

    @Option(names = "--foundation-model", paramLabel = "F.onnx", description = "The strong model that teaches it.")
    private Path foundationModel;

    @Option(
            names = "--images",
            paramLabel = "FILE",
            description =
                    "Labelled images: a file in the CIFAR-10 binary format, or a folder with one sub-folder per class.")
    private Path images;

    @Option(
            names = "--mean",
            paramLabel = "R,G,B",
            description = "Mean per channel that the models were trained with, 0..1 scale.")
    private String mean;

    @Option(
            names = "--std",
            paramLabel = "R,G,B",
            description = "Deviation per channel that the models were trained with, 0..1 scale.")
    private String std;

    @Option(
            names = "--scenario",
            paramLabel = "NAME:SEVERITY,...",
            description = "Phases in order, severity 1..5; clear for none. Default: " + Scenario.DEFAULT + ".")
    private String scenarioText;

    @Option(
            names = "--images-per-phase",
            paramLabel = "N",
            description = "Images per phase, over both agents together. Default: 1200.")
    private Integer imagesPerPhase;

    @Option(names = "--rate", paramLabel = "FPS", description = "Images per second that each agent gets. Default: 25.")
    private Double rate;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The same seed gives the same stream.")
    private long seed;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where report.json, report.html and logs/ go. Default: ops/demo/target/demo.")
    private Path out;

    @Option(
            names = "--port-base",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "Use PORT and the four ports after it. Default: any free ports.")
    private int portBase;

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "The cohort's policy as JSON: sections selection, cadence, gate, learning.")
    private Path policy;

    @Option(names = "--short", description = "A shorter stream, for a quick check: " + Scenario.SHORT + ".")
    private boolean shortRun;

    @Option(names = "--keep", description = "Keep the state of broker, database, cloud and agents in DIR/state.")
    private boolean keep;

    private final Progress progress = new Progress(System.out);

    private Demo() {}

    public static void main(String[] arguments) {
        // Before the first logger, as the JBoss log manager on the class path insists.
        System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
        System.exit(new CommandLine(new Demo())
                .setExecutionExceptionHandler((e, command, result) -> {
                    Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
                    if (cause instanceof DemoException || cause instanceof StackException) {
                        System.err.println("\ndemo: " + cause.getMessage());
                    } else {
                        System.err.println();
                        cause.printStackTrace();
                    }
                    return 1;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path root = root();
        if (scenarioText == null) {
            scenarioText = shortRun ? Scenario.SHORT : Scenario.DEFAULT;
        }
        Scenario scenario = Scenario.parse(scenarioText);
        DemoInput input = input(root);
        int perPhase = imagesPerPhase != null ? imagesPerPhase : 1200;
        double framesPerSecond = rate != null ? rate : 25;
        requirePositive("--images-per-phase", perPhase);
        requirePositive("--rate", framesPerSecond);
        Path folder = Files.createDirectories(out == null ? root.resolve("ops/demo/target/demo") : out)
                .toRealPath();
        Path state = freshState(folder);
        Path logs = Files.createDirectories(folder.resolve("logs"));
        deleteLogs(logs);

        String startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        Fleet fleet = new Fleet(root, state, logs, portBase);
        Thread hook = new Thread(fleet::close, "end processes");
        Runtime.getRuntime().addShutdownHook(hook);
        try (BaseModel base = BaseModel.open(input.edgeModel(), input.preprocessing())) {
            checkClasses(input, base);
            progress.say("stream: " + scenarioText + ", " + perPhase + " images a phase from "
                    + input.supply().description());
            StreamBuilder builder = new StreamBuilder(scenario, input.supply(), perPhase, seed);
            CompletableFuture<DemoStream> making = makeStream(builder, state, base);

            progress.say("starting broker and database");
            fleet.startStack();
            progress.say("starting the cloud service");
            CloudClient client = fleet.startCloud();
            register(client, input);
            DemoStream stream = await(making, builder);

            progress.say("starting agents " + String.join(", ", DEVICES) + "; logs in " + logs);
            Watch watch = new Watch(stream, fleet, progress);
            for (AgentStream agent : stream.agents()) {
                Path sink = state.resolve(agent.device() + ".predictions.jsonl");
                int port = fleet.startAgent(agent.device(), agent.record(), framesPerSecond, sink);
                watch.add(agent, port, sink);
            }
            watch.run();

            Evaluation evaluation = new Evaluation(scenario, watch.agents());
            List<PhaseResult> results = evaluation.results(client.refusals("demo"));
            fleet.close();
            Report report = report(input, stream, base, results, startedAt, framesPerSecond);
            write(folder, report, stream, evaluation, watch);
            progress.say("\n" + ResultTable.text(results));
            progress.say("report: " + folder.resolve("report.html"));
            return verdict(report);
        } finally {
            fleet.close();
            if (!keep) {
                deleteState(state);
            }
        }
    }

    private DemoInput input(Path root) throws IOException {
        if (foundationModel == null && images == null && mean == null && std == null) {
            return withPolicy(DemoInput.signs(root, seed, Optional.ofNullable(edgeModel)));
        }
        if (edgeModel == null || foundationModel == null || images == null || mean == null || std == null) {
            throw new DemoException("your own images need all of --edge-model, --foundation-model, --images, --mean and"
                    + " --std; --edge-model alone runs another model on the traffic signs");
        }
        return withPolicy(DemoInput.files(edgeModel, foundationModel, images, mean, std));
    }

    private DemoInput withPolicy(DemoInput input) throws IOException {
        if (policy == null) {
            return input;
        }
        try {
            return input.withPolicy(new ObjectMapper().readTree(policy.toFile()));
        } catch (JsonProcessingException e) {
            throw new DemoException("--policy " + policy + " is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static void checkClasses(DemoInput input, BaseModel base) {
        int labels = input.supply().labels().size();
        if (labels != base.classes()) {
            throw new DemoException("--images have " + labels + " classes, the edge model " + input.edgeModel()
                    + " has " + base.classes());
        }
    }

    private static CompletableFuture<DemoStream> makeStream(StreamBuilder builder, Path state, BaseModel base) {
        CompletableFuture<DemoStream> made = new CompletableFuture<>();
        Thread maker = new Thread(
                () -> {
                    try {
                        made.complete(builder.build(state, DEVICES, base));
                    } catch (IOException | RuntimeException e) {
                        made.completeExceptionally(e);
                    }
                },
                "stream");
        maker.setDaemon(true);
        maker.start();
        return made;
    }

    private void register(CloudClient client, DemoInput input) throws IOException, InterruptedException {
        List<String> labels = input.supply().labels();
        String edge = client.registerModel("edge", input.edgeModel(), input.mean(), input.std(), labels);
        String foundation =
                client.registerModel("foundation", input.foundationModel(), input.mean(), input.std(), labels);
        client.createPair("demo", edge, foundation);
        client.createCohort("demo", "demo", DEVICES, input.policy());
        progress.say("registered models, pair and cohort");
    }

    private DemoStream await(CompletableFuture<DemoStream> making, StreamBuilder builder)
            throws InterruptedException, ExecutionException {
        while (!making.isDone()) {
            progress.show("making the stream: " + builder.done() + "/" + builder.total() + " images");
            Thread.sleep(300);
        }
        return making.get();
    }

    private Report report(
            DemoInput input,
            DemoStream stream,
            BaseModel base,
            List<PhaseResult> results,
            String startedAt,
            double framesPerSecond) {
        long uploaded = results.stream().mapToLong(PhaseResult::uploadedImages).sum();
        long up = results.stream().mapToLong(PhaseResult::bytesUp).sum();
        long down = results.stream().mapToLong(PhaseResult::bytesDown).sum();
        long updates = results.stream()
                .mapToLong(r -> r.updatesApplied() + r.updatesRefused() - r.updatesRefusedByGate())
                .sum();
        Image sample = stream.samples().get(0).get(0);
        return new Report(
                results,
                results.stream().allMatch(PhaseResult::good),
                scenarioText,
                input.edgeModel().getFileName().toString(),
                input.foundationModel().getFileName().toString(),
                input.supply().description(),
                seed,
                DEVICES.size(),
                framesPerSecond,
                startedAt,
                uploaded == 0 ? 0 : (double) up / uploaded,
                updates == 0 ? 0 : (double) down / updates,
                (long) sample.rgb().length * Float.BYTES,
                base.rawUpdateBytes());
    }

    private static void write(Path folder, Report report, DemoStream stream, Evaluation evaluation, Watch watch)
            throws IOException {
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(folder.resolve("report.json").toFile(), report);
        Files.writeString(folder.resolve("report.html"), ReportPage.render(report, stream, evaluation, watch.agents()));
    }

    private int verdict(Report report) {
        if (report.success()) {
            return 0;
        }
        for (PhaseResult phase : report.phases()) {
            if (phase.predicted() < phase.images()) {
                progress.say(phase.name() + ": only " + phase.predicted() + " of " + phase.images()
                        + " images were answered");
            } else if (!phase.good()) {
                progress.say(phase.name() + ": accuracy with adaptation is not above the one without");
            }
        }
        return 2;
    }

    private static void requirePositive(String option, double value) {
        if (!(value > 0)) {
            throw new DemoException(option + " must be above 0, is " + value);
        }
    }

    /** The repository: the property {@code cema.root}, or upwards from the working directory. */
    private static Path root() {
        String given = System.getProperty("cema.root");
        Path start = Path.of(given == null ? "" : given).toAbsolutePath().normalize();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (Files.isRegularFile(folder.resolve("ops/local-stack/pom.xml"))) {
                return folder;
            }
        }
        throw new DemoException("no CEMA repository at or above " + start + "; start by ops/cema demo");
    }

    /** An empty folder for the processes' state. Deletes only what an earlier run of the demo left there. */
    private static Path freshState(Path folder) throws IOException {
        Path state = folder.resolve("state");
        if (Files.exists(state) && Files.notExists(state.resolve(STATE_MARK))) {
            throw new DemoException(state + " exists and is not of an earlier run; give another folder with --out");
        }
        deleteState(state);
        Files.createDirectories(state);
        Files.createFile(state.resolve(STATE_MARK));
        return state;
    }

    private static void deleteState(Path state) throws IOException {
        if (Files.notExists(state)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(state)) {
            // The mark goes last but one: what is left of a deletion that was cut off is still known as ours.
            Path mark = state.resolve(STATE_MARK);
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                if (!path.equals(mark) && !path.equals(state)) {
                    Files.delete(path);
                }
            }
            Files.deleteIfExists(mark);
            Files.delete(state);
        }
    }

    private static void deleteLogs(Path logs) throws IOException {
        List<String> ours = new ArrayList<>(DEVICES);
        ours.addAll(List.of("cloud", "broker", "database"));
        for (String name : ours) {
            Files.deleteIfExists(logs.resolve(name + ".log"));
        }
    }
}
