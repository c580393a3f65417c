package io.cema.bench.fleet;

import io.cema.bench.fleet.VirtualDevice.Surroundings;
import io.cema.bench.image.ImageSet;
import io.cema.protocol.mqtt.MqttThreads;
import io.cema.protocol.signature.TrustedKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** The parts of a run, one after the other. */
final class FleetRun implements AutoCloseable {
    private static final double LONGEST_SECONDS = 600;
    private static final int VERIFY_EVERY = 100;
    private static final long SEED = 1;

    private final FleetOptions options;
    private final Machine machine;
    private final Path root;
    private final Path logs;
    private final Console console;
    private final MqttThreads threads;
    private final Observer observer;
    private final List<Map<String, Object>> phases = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private Fleet fleet;

    /** @param root of the repository */
    FleetRun(FleetOptions options, Machine machine, Path root, Path logs, Console console) {
        this.options = options;
        this.machine = machine;
        this.root = root;
        this.logs = logs;
        this.console = console;
        this.threads = new MqttThreads(options.linkThreads);
        this.observer = new Observer(options.devices);
    }

    List<Map<String, Object>> phases() {
        return phases;
    }

    /** What did not come right. */
    List<String> faults() {
        return faults;
    }

    void run() throws Exception {
        CloudApi api = machine.startCloud(options.wants("update"));
        try (FleetRecords records = FleetRecords.open(machine.stack(), machine.stackData())) {
            register(api, records);
            Surroundings around = new Surroundings(
                    machine.stack().host(),
                    machine.stack().brokerPort(),
                    Duration.ofSeconds(options.willDelay),
                    TrustedKeys.fromPem(machine.publicKey()),
                    VERIFY_EVERY,
                    threads,
                    observer);
            fleet = new Fleet(around, 0, options.devices, 0);
            Stage stage = stage(api, records);
            connect(stage);
            steady(stage);
            Downlink downlink = new Downlink(stage);
            if (options.wants("update")) {
                downlink.update();
            }
            if (options.wants("desired")) {
                downlink.desired();
            }
            if (options.wants("rollback")) {
                downlink.rollback();
            }
            Failures failures = new Failures(stage);
            if (options.wants("loss")) {
                failures.loss(around, logs);
            }
            if (options.wants("storm")) {
                failures.storm();
            }
            if (options.wants("ingest")) {
                ingest(options.wants("update") ? stage(withoutAdaptation(), records) : stage);
            }
        }
    }

    private Stage stage(CloudApi api, FleetRecords records) throws IOException {
        Pictures pictures =
                new Pictures(options.images == null ? List.of() : ImageSet.readUnlabelled(options.images), SEED);
        return new Stage(options, machine, api, records, fleet, observer, pictures, console, phases, faults);
    }

    /** Ingest is measured by itself: in a fleet of that size another process, with a GPU, learns. */
    private CloudApi withoutAdaptation() throws IOException, InterruptedException {
        machine.stopCloud();
        return machine.startCloud(false);
    }

    private void register(CloudApi api, FleetRecords records) throws Exception {
        Phase phase = new Phase("register", machine);
        Path models = root.resolve("ops/demo/models");
        Path edge = options.edgeModel == null ? models.resolve("signs-edge.onnx") : options.edgeModel;
        Path foundation =
                options.foundationModel == null ? models.resolve("signs-foundation.onnx") : options.foundationModel;
        api.post(
                "/api/v1/pairs",
                Map.of(
                        "id",
                        "fleet",
                        "edge",
                        api.registerModel("edge", edge, options.mean, options.std),
                        "foundation",
                        api.registerModel("foundation", foundation, options.mean, options.std)));
        console.say("a cohort of " + options.devices + " devices");
        double began = phase.seconds();
        api.post(
                "/api/v1/cohorts",
                Map.of(
                        "id",
                        Stage.COHORT,
                        "pair",
                        "fleet",
                        "devices",
                        IntStream.range(0, options.devices)
                                .mapToObj(VirtualDevice::id)
                                .toList(),
                        "policy",
                        Downlink.POLICY));
        phase.fact("cohortRequestSeconds", phase.seconds() - began);
        console.await("desired states to the broker", LONGEST_SECONDS, () -> records.pending() == 0, () -> "some wait");
        phase.fact("desiredStatesAtBrokerSeconds", phase.seconds() - began);
        Map<String, Object> report = phase.end();
        phases.add(report);
        console.say(ReportText.line(report));
    }

    private void connect(Stage stage) throws Exception {
        Phase phase = stage.begin("connect");
        Arrivals desired = observer.awaitDesired(System.currentTimeMillis());
        fleet.startTelemetry(options.telemetryInterval, new TelemetryMaker("fleet-" + System.currentTimeMillis()));
        fleet.connect(options.connectRate);
        console.await(
                "connect",
                LONGEST_SECONDS,
                () -> fleet.count(VirtualDevice::connected) == fleet.size(),
                () -> fleet.count(VirtualDevice::connected) + " of " + fleet.size());
        phase.fact("allConnectedAfterSeconds", phase.seconds());
        console.await(
                "desired states",
                LONGEST_SECONDS,
                () -> desired.count() == fleet.size(),
                () -> desired.count() + " have theirs");
        phase.fact("allHaveDesiredStateAfterSeconds", phase.seconds());
        stage.awaitPresence(LONGEST_SECONDS);
        phase.fact("presenceRightAfterSeconds", phase.seconds());
        stage.requireAllOnlineByRest();
        phase.fact("readOverRestAfterSeconds", phase.seconds());
        stage.end(phase);
    }

    /** Nothing but telemetry and the keep-alives of MQTT. */
    private void steady(Stage stage) throws Exception {
        Phase phase = stage.begin("telemetry alone");
        long sent = observer.telemetry();
        String written = "select n_tup_upd from pg_stat_user_tables where relname = 'device'";
        long before = stage.records().count(written);
        Thread.sleep(options.steadySeconds * 1_000L);
        phase.fact("telemetryPerSecond", (observer.telemetry() - sent) / phase.seconds());
        phase.fact("deviceRowsWrittenPerSecond", (stage.records().count(written) - before) / phase.seconds());
        phase.fact("connected", fleet.count(VirtualDevice::connected));
        stage.requireAllOnlineByRest();
        stage.end(phase);
    }

    private void ingest(Stage stage) throws Exception {
        Phase phase = stage.begin("ingest");
        IngestRamp ramp = new IngestRamp(fleet, machine, observer, stage.pictures(), console);
        phase.fact("steps", ramp.run(options.ingestRates, options.stepSeconds));
        Uploads uploads = ramp.uploads();
        Set<String> lost = new HashSet<>(uploads.durable());
        lost.removeAll(stage.records().sampleIds());
        long twice = stage.records().count("select count(*) - count(distinct sample_id) from sample");
        phase.fact("acknowledged", uploads.durable().size());
        phase.fact("acknowledgedButLost", lost.size());
        phase.fact("storedTwice", twice);
        phase.fact("neverAcknowledged", uploads.outstanding());
        phase.fact("deadLetters", stage.records().count("select count(*) from dead_letter"));
        phase.fact("sentAgain", uploads.repeated());
        if (!lost.isEmpty() || twice > 0 || uploads.outstanding() > 0 || uploads.refused() > 0) {
            faults.add(lost.size() + " acknowledged samples are not there, " + twice + " twice, "
                    + uploads.outstanding() + " never acknowledged, " + uploads.refused() + " refused");
        }
        stage.awaitPresence(LONGEST_SECONDS);
        stage.end(phase);
    }

    @Override
    public void close() {
        if (fleet != null) {
            fleet.close();
        }
        threads.close();
    }
}
