package io.cema.bench.fleet;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Puts a fleet of simulated devices before the real broker, database and cloud service. Exit code 0 if all came right. */
@Command(
        name = "simulate-fleet",
        description =
                "Starts broker, database and cloud service, and connects thousands of simulated devices to them over"
                        + " plain MQTT on the loopback interface: presence, telemetry, an update and a desired state to all, losses,"
                        + " a restart of the broker, and uploads to saturation. Writes DIR/report.json and DIR/report.md; exit code 0 if every device"
                        + " was seen rightly and no acknowledged sample was lost.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class SimulateFleet implements Callable<Integer> {
    @Mixin
    private FleetOptions options;

    @Spec
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SimulateFleet()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        QuietLinks.quiet();
        if (options.devices < 1 || options.devices > FleetOptions.MOST_DEVICES) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--devices must be 1 to " + FleetOptions.MOST_DEVICES + ", as many as a cohort's list takes; is "
                            + options.devices);
        }
        List<String> faults = MachineLimits.shortOf(options.devices);
        if (!faults.isEmpty()) {
            faults.forEach(fault -> System.err.println("simulate-fleet: " + fault));
            return 1;
        }
        Path root = root();
        Path logs = Files.createDirectories(options.out.resolve("logs")).toRealPath();
        Path state = Files.createTempDirectory(logs.getParent(), "state");
        Console console = new Console(System.out);
        console.say("starting broker, database and cloud service; logs in " + logs);
        try (Machine machine = Machine.start(
                        root,
                        state,
                        logs,
                        new Machine.Settings(options.brokerHeap, options.cloudHeap, options.telemetryInterval));
                FleetRun run = new FleetRun(options, machine, root, logs, console)) {
            run.run();
            Map<String, Object> report = new LinkedHashMap<>();
            report.put("devices", options.devices);
            report.put("processors", Runtime.getRuntime().availableProcessors());
            report.put("success", run.faults().isEmpty());
            report.put("faults", run.faults());
            report.put("phases", run.phases());
            Path file = options.out.resolve("report.json");
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), report);
            Files.writeString(options.out.resolve("report.md"), ReportText.of(run.phases()));
            console.say("\n" + ReportText.of(run.phases()));
            run.faults().forEach(fault -> console.say("WRONG: " + fault));
            console.say("report: " + file);
            return run.faults().isEmpty() ? 0 : 2;
        } finally {
            if (!options.keep) {
                delete(state);
            }
        }
    }

    /** The repository: the property {@code cema.root}, or upwards from the working directory. */
    static Path root() {
        Path start =
                Path.of(System.getProperty("cema.root", "")).toAbsolutePath().normalize();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (Files.isRegularFile(folder.resolve("ops/local-stack/pom.xml"))) {
                return folder;
            }
        }
        throw new IllegalStateException(
                "no ops/local-stack at or above " + start + "; set the system property cema.root to the repository");
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
