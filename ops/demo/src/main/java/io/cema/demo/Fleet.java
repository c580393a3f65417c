package io.cema.demo;

import io.cema.ops.stack.GuardedProcess;
import io.cema.ops.stack.Ports;
import io.cema.ops.stack.StackProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The processes of the demo: broker, database, cloud service, agents. All of them end when this is closed, and when
 * this process ends in any other way.
 */
final class Fleet implements AutoCloseable {
    private static final long CLOUD_READY_SECONDS = 120;
    /** The cloud service waits up to 20 s for the step it is in. */
    private static final long STOP_SECONDS = 30;

    private static final int PORTS = 5;
    /** libtorch's memory lies outside the heap, and JavaCPP would else stop at twice its size. */
    static final List<String> CLOUD_OPTIONS = List.of("-Xmx1g", "-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
    /** Threads that spin between two operations would take the cores from the agents. */
    static final Map<String, String> CLOUD_ENVIRONMENT = Map.of("OMP_WAIT_POLICY", "passive");

    private final Path root;
    private final Path state;
    private final Path logs;
    private final int portBase;
    private final List<GuardedProcess> processes = Collections.synchronizedList(new ArrayList<>());
    private volatile StackProcess stack;
    private volatile URI cloud;
    private int portsTaken;
    private volatile boolean closed;

    /**
     * @param root of the repository, built
     * @param state folder for everything the processes keep
     * @param logs folder for their logs
     * @param portBase first of five consecutive ports, or 0 for any free ones
     * @throws io.cema.ops.stack.StackException if one of the five is taken
     */
    Fleet(Path root, Path state, Path logs, int portBase) {
        this.root = root;
        this.state = state;
        this.logs = logs;
        this.portBase = portBase;
        for (int i = 0; portBase != 0 && i < PORTS; i++) {
            Ports.claim(portBase + i, "demo", "--port-base");
        }
    }

    private int port(String purpose) {
        return Ports.claim(portBase == 0 ? 0 : portBase + portsTaken++, purpose, "--port-base");
    }

    void startStack() {
        int broker = port("MQTT broker");
        int database = port("database");
        stack = StackProcess.start(state.resolve("stack"), logs, broker, database, "cema");
    }

    /** @return the way to it, once it is ready */
    CloudClient startCloud() throws IOException, InterruptedException {
        int port = port("cloud service");
        start(
                "cloud",
                root.resolve("cloud-service/target/quarkus-app/quarkus-run.jar"),
                CLOUD_OPTIONS,
                CLOUD_ENVIRONMENT,
                Map.ofEntries(
                        Map.entry("cema.data-dir", state.resolve("cloud").toString()),
                        Map.entry("cema.mqtt.host", stack.host()),
                        Map.entry("cema.mqtt.port", Integer.toString(stack.brokerPort())),
                        Map.entry("cema.database.host", stack.host()),
                        Map.entry("cema.database.port", Integer.toString(stack.databasePort())),
                        Map.entry("cema.database.name", stack.databaseName()),
                        Map.entry("cema.database.user", stack.databaseUser()),
                        Map.entry("cema.database.password", stack.databasePassword()),
                        // Agents on loopback without certificates have nothing to show; digests are signed for.
                        Map.entry("cema.access.open-artefacts", "true"),
                        Map.entry("quarkus.http.port", Integer.toString(port))));
        cloud = URI.create("http://" + stack.host() + ":" + port);
        CloudClient client = new CloudClient(cloud, state.resolve("cloud"));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOUD_READY_SECONDS);
        while (!client.ready()) {
            check();
            if (System.nanoTime() > end) {
                throw new DemoException(
                        "the cloud service was not ready within " + CLOUD_READY_SECONDS + " s" + lastLines("cloud"));
            }
            Thread.sleep(200);
        }
        return client;
    }

    /**
     * Starts an agent that replays a record as soon as it has its model.
     *
     * @return the port it serves on
     */
    int startAgent(String device, Path record, double rate, Path sink) throws IOException {
        int port = port("edge agent " + device);
        start(
                device,
                root.resolve("edge-agent/target/quarkus-app/quarkus-run.jar"),
                List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                Map.of(),
                Map.ofEntries(
                        Map.entry("cema.device.id", device),
                        Map.entry("cema.data-dir", state.resolve(device).toString()),
                        Map.entry("cema.mqtt.host", stack.host()),
                        Map.entry("cema.mqtt.port", Integer.toString(stack.brokerPort())),
                        Map.entry("cema.cloud.url", cloud.toString()),
                        Map.entry("cema.cloud.plain-http", "loopback"),
                        Map.entry(
                                "cema.trust.key-file",
                                state.resolve("cloud/signing-key.pub.pem").toString()),
                        Map.entry("cema.frames.source", "record"),
                        Map.entry("cema.frames.path", record.toString()),
                        Map.entry("cema.frames.rate", Double.toString(rate)),
                        Map.entry("cema.frames.start-on-active", "true"),
                        Map.entry("cema.sink.path", sink.toString()),
                        Map.entry("quarkus.http.port", Integer.toString(port))));
        return port;
    }

    private void start(
            String name, Path jar, List<String> options, Map<String, String> environment, Map<String, String> settings)
            throws IOException {
        if (!Files.exists(jar)) {
            throw new DemoException(jar + " is missing; build with `mvn -DskipTests package` or start by ops/cema");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("-jar", jar.toString()));
        synchronized (processes) {
            if (closed) {
                throw new DemoException("the demo is ending");
            }
            processes.add(GuardedProcess.start(name, command, environment, log(name), "TERM"));
        }
    }

    /** @throws DemoException with the end of its log if one of the processes has ended */
    void check() throws IOException {
        for (GuardedProcess process : List.copyOf(processes)) {
            if (!process.alive()) {
                throw new DemoException(process.name() + " ended with status "
                        + process.exitStatus().orElse(-1) + lastLines(process.name()));
            }
        }
    }

    private Path log(String name) {
        return logs.resolve(name + ".log");
    }

    /** The end of a log and where it is, to be put after a message. */
    String lastLines(String name) throws IOException {
        Path log = log(name);
        if (Files.notExists(log)) {
            return "";
        }
        List<String> lines = Files.readAllLines(log);
        return ":\n    " + String.join("\n    ", lines.subList(Math.max(0, lines.size() - 15), lines.size()))
                + "\n(whole log: " + log + ")";
    }

    /** Ends agents, then the cloud, then the stack. May be called twice and from a shutdown hook. */
    @Override
    public void close() {
        List<GuardedProcess> running;
        synchronized (processes) {
            closed = true;
            running = new ArrayList<>(processes);
            processes.clear();
        }
        Collections.reverse(running);
        try {
            running.parallelStream().forEach(Fleet::stop);
        } finally {
            StackProcess last = stack;
            if (last != null) {
                last.close();
            }
        }
    }

    private static void stop(GuardedProcess process) {
        try {
            process.stop(STOP_SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
