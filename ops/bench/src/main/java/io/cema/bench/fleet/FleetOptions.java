package io.cema.bench.fleet;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** What {@code simulate-fleet} is told. */
final class FleetOptions {
    /** What a cohort's list takes. */
    static final int MOST_DEVICES = 10_000;

    @Option(names = "--devices", defaultValue = "10000", description = "Up to 10000 (${DEFAULT-VALUE}).")
    int devices;

    @Option(
            names = "--connect-rate",
            defaultValue = "200",
            description = "Devices that begin to connect each second (${DEFAULT-VALUE}).")
    double connectRate;

    @Option(
            names = "--telemetry-interval",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "Of each device (${DEFAULT-VALUE}).")
    int telemetryInterval;

    @Option(
            names = "--steady-seconds",
            defaultValue = "90",
            description = "For which nothing but telemetry is sent (${DEFAULT-VALUE}).")
    int steadySeconds;

    @Option(
            names = "--will-delay",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "Between a loss and the will (${DEFAULT-VALUE}, as the agent has it).")
    int willDelay;

    @Option(
            names = "--lost-share",
            defaultValue = "0.1",
            description = "Of the devices, killed without a DISCONNECT (${DEFAULT-VALUE}).")
    double lostShare;

    @Option(
            names = "--ingest-rates",
            split = ",",
            defaultValue = "50,100,200,300,400,600,800,1200",
            description = "Samples a second, rising; the ramp ends where ingest no longer keeps up (${DEFAULT-VALUE}).")
    List<Integer> ingestRates;

    @Option(names = "--step-seconds", defaultValue = "20", description = "Of each rate (${DEFAULT-VALUE}).")
    int stepSeconds;

    @Option(
            names = "--skip",
            split = ",",
            description = "Parts to leave out: update, desired, rollback, loss, storm, ingest.")
    List<String> skip = List.of();

    @Option(names = "--edge-model", paramLabel = "E.onnx", description = "Default: the demo's.")
    Path edgeModel;

    @Option(names = "--foundation-model", paramLabel = "F.onnx", description = "Default: the demo's.")
    Path foundationModel;

    @Option(names = "--mean", paramLabel = "R,G,B", defaultValue = ".5,.5,.5", description = "${DEFAULT-VALUE}")
    String mean;

    @Option(names = "--std", paramLabel = "R,G,B", defaultValue = ".25,.25,.25", description = "${DEFAULT-VALUE}")
    String std;

    @Option(
            names = "--images",
            paramLabel = "PATH",
            description =
                    "What is uploaded: a file in the CIFAR-10 binary format, or a folder of images. Default: drawn"
                            + " ones of 32 x 32.")
    Path images;

    @Option(names = "--broker-heap", defaultValue = "1g", description = "Of the broker's Java (${DEFAULT-VALUE}).")
    String brokerHeap;

    @Option(names = "--cloud-heap", defaultValue = "1g", description = "Of the service's Java (${DEFAULT-VALUE}).")
    String cloudHeap;

    @Option(names = "--link-threads", defaultValue = "4", description = "All devices share (${DEFAULT-VALUE}).")
    int linkThreads;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where report and logs go.")
    Path out;

    @Option(names = "--keep", description = "Keep what broker, database and service have written.")
    boolean keep;

    boolean wants(String part) {
        return !skip.contains(part);
    }
}
