package io.cema.bench.fleet;

import io.cema.bench.process.ProcessMeter;
import io.cema.ops.stack.GuardedProcess;
import io.cema.ops.stack.Ports;
import io.cema.ops.stack.StackProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Broker, database and cloud service as processes of this machine, and what they use. Ends them when it is closed. */
final class Machine implements AutoCloseable {
    private static final long READY_SECONDS = 600;
    private static final long STOP_SECONDS = 40;

    private final Path root;
    private final Path state;
    private final Path logs;
    private final StackProcess stack;
    private final Settings settings;
    private GuardedProcess cloud;

    /**
     * @param brokerHeap of Java, such as {@code 1g}
     * @param cloudHeap likewise
     * @param telemetrySeconds after three times that long a silence a device's presence is unknown
     */
    record Settings(String brokerHeap, String cloudHeap, int telemetrySeconds) {}

    private Machine(Path root, Path state, Path logs, StackProcess stack, Settings settings) {
        this.root = root;
        this.state = state;
        this.logs = logs;
        this.stack = stack;
        this.settings = settings;
    }

    /**
     * Starts broker and database.
     *
     * @param root of the repository, built
     * @param state empty folder for everything they keep
     * @param logs folder that exists
     */
    static Machine start(Path root, Path state, Path logs, Settings settings) {
        StackProcess stack = StackProcess.start(
                state.resolve("stack"),
                logs,
                0,
                0,
                "cema",
                List.of("-Xmx" + settings.brokerHeap(), "-XX:TieredStopAtLevel=4"));
        return new Machine(root, state, logs, stack, settings);
    }

    StackProcess stack() {
        return stack;
    }

    Path stackData() {
        return state.resolve("stack");
    }

    /** With which the cloud service signs what goes down. */
    Path publicKey() {
        return state.resolve("cloud/signing-key.pub.pem");
    }

    /**
     * Starts the cloud service.
     *
     * @param adaptation whether this process runs adaptation loops
     * @return the way to it, once it is ready
     */
    CloudApi startCloud(boolean adaptation) throws IOException, InterruptedException {
        Path jar = root.resolve("cloud-service/target/quarkus-app/quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new IOException(jar + " is missing; build with `mvn -DskipTests package` or start by ops/cema");
        }
        int port = Ports.claim(0, "cloud service", "nothing");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx" + settings.cloudHeap(), "-Dorg.bytedeco.javacpp.maxphysicalbytes=0"));
        Map.of(
                        "cema.data-dir", state.resolve("cloud").toString(),
                        "cema.mqtt.host", stack.host(),
                        "cema.mqtt.port", Integer.toString(stack.brokerPort()),
                        "cema.database.host", stack.host(),
                        "cema.database.port", Integer.toString(stack.databasePort()),
                        "cema.database.password", stack.databasePassword(),
                        "cema.fleet.telemetry-interval", "PT" + settings.telemetrySeconds() + "S",
                        "cema.adaptation.enabled", Boolean.toString(adaptation),
                        "quarkus.http.port", Integer.toString(port))
                .forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("-jar", jar.toString()));
        Path log = logs.resolve("cloud.log");
        cloud = GuardedProcess.start("cloud", command, Map.of("OMP_WAIT_POLICY", "passive"), log, "TERM");
        CloudApi api = new CloudApi(URI.create("http://" + stack.host() + ":" + port), state.resolve("cloud"));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
        while (!api.ready()) {
            if (!cloud.alive() || System.nanoTime() > end) {
                throw new IOException("the cloud service did not get ready; its log is " + log);
            }
            Thread.sleep(200);
        }
        return api;
    }

    void stopCloud() throws InterruptedException {
        cloud.stop(STOP_SECONDS);
    }

    /** @throws IOException if it has ended */
    ProcessHandle cloudProcess() throws IOException {
        return cloud.childPid()
                .flatMap(ProcessHandle::of)
                .orElseThrow(() -> new IOException("the cloud service ended; its log is " + logs.resolve("cloud.log")));
    }

    /** By name, the simulator itself included. */
    Map<String, ProcessMeter.Usage> usage() throws IOException {
        Map<String, ProcessMeter.Usage> usage = new LinkedHashMap<>();
        usage.put("broker", ProcessMeter.of(List.of(stack.brokerProcess())));
        usage.put("service", ProcessMeter.of(List.of(cloudProcess())));
        usage.put(
                "postgresql",
                ProcessMeter.of(stack.databaseProcess()
                        .descendants()
                        .filter(p -> p.info().command().orElse("").endsWith("/postgres"))
                        .toList()));
        usage.put("simulator", ProcessMeter.of(List.of(ProcessHandle.current())));
        return usage;
    }

    @Override
    public void close() {
        try {
            if (cloud != null) {
                cloud.stop(STOP_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            stack.close();
        }
    }
}
