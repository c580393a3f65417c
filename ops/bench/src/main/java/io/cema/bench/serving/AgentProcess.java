package io.cema.bench.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.bench.process.ProcessMeter;
import io.cema.ops.stack.GuardedProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** An edge agent as a process of its own, and what it holds of the machine. Linux. */
final class AgentProcess implements AutoCloseable {
    private static final long READY_SECONDS = 120;
    private static final long STOP_SECONDS = 30;
    /** What images go through after their answer, by the beginnings of the threads' names. */
    private static final List<String> LEARNING_THREADS =
            List.of("cema-learning", "cema-uplink", "com.hivemq", "mqtt-link");

    private final GuardedProcess process;
    private final int port;
    private final Path folder;
    private final Path log;
    private final ObjectMapper json = new ObjectMapper();

    private AgentProcess(GuardedProcess process, int port, Path folder, Path log) {
        this.process = process;
        this.port = port;
        this.folder = folder;
        this.log = log;
    }

    /**
     * @param jar {@code quarkus-run.jar} of the agent
     * @param folder its data; its log comes beside it
     */
    static AgentProcess start(Path jar, String device, Path folder, int port, Map<String, String> settings)
            throws IOException {
        if (!Files.exists(jar)) {
            throw new IOException(jar + " is missing; build with `mvn -DskipTests package` or start by ops/cema");
        }
        Path log = folder.resolveSibling(device + ".log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC"));
        settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of(
                "-Dcema.device.id=" + device,
                "-Dcema.data-dir=" + folder,
                "-Dquarkus.http.port=" + port,
                "-jar",
                jar.toString()));
        return new AgentProcess(GuardedProcess.start(device, command, Map.of(), log, "TERM"), port, folder, log);
    }

    int port() {
        return port;
    }

    Path log() {
        return log;
    }

    /** Until it serves. */
    void awaitReady() throws IOException, InterruptedException {
        long end = System.nanoTime() + READY_SECONDS * 1_000_000_000L;
        while (status("/v2/health/ready") != 200) {
            if (!process.alive() || System.nanoTime() > end) {
                throw new IOException("the agent does not serve; its log is " + log);
            }
            Thread.sleep(100);
        }
    }

    /** {@code GET /v2/cema/status}. */
    JsonNode status() throws IOException {
        HttpURLConnection connection = open("/v2/cema/status");
        return json.readTree(connection.getInputStream());
    }

    private int status(String path) {
        try {
            return open(path).getResponseCode();
        } catch (IOException e) {
            return 0;
        }
    }

    private HttpURLConnection open(String path) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
        connection.setConnectTimeout(5_000);
        connection.setReadTimeout(10_000);
        return connection;
    }

    /**
     * What it holds now.
     *
     * @param residentBytes physical memory
     * @param files open file descriptors, sockets included
     * @param diskBytes below its folder
     */
    record Holding(long residentBytes, long files, long diskBytes) {}

    /** Seconds of processor time since its start that its threads for learning and for the link to the cloud used. */
    double learningSeconds() throws IOException {
        long pid = pid();
        return ProcessHandle.of(pid).map(ProcessMeter::threads).orElse(Map.of()).entrySet().stream()
                .filter(thread -> LEARNING_THREADS.stream().anyMatch(thread.getKey()::startsWith))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    private long pid() throws IOException {
        return process.childPid().orElseThrow(() -> new IOException("the agent has ended; its log is " + log));
    }

    Holding holding() throws IOException {
        Path proc = Path.of("/proc", Long.toString(pid()));
        long resident = Files.readAllLines(proc.resolve("status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
        try (Stream<Path> descriptors = Files.list(proc.resolve("fd"))) {
            return new Holding(resident, descriptors.count(), diskBytes());
        }
    }

    private long diskBytes() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.mapToLong(AgentProcess::size).sum();
        } catch (UncheckedIOException e) {
            // A file went between the listing and the look at it.
            return -1;
        }
    }

    private static long size(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.size(file) : 0;
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            process.stop(STOP_SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
