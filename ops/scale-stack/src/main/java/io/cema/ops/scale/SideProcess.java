package io.cema.ops.scale;

import io.cema.ops.stack.GuardedProcess;
import io.cema.ops.stack.Ports;
import io.cema.ops.stack.StackException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Kafka or an S3 store beside broker and database, killed and started again on its port over its data. Needs the JDK alone,
 * and {@code ops/scale-stack} built as far as its classes. One thread; the child ends with this process.
 */
public final class SideProcess implements AutoCloseable {
    public static final String ACCESS_KEY = "local-access";
    public static final String SECRET_KEY = "local-secret";
    public static final String BUCKET = "cema-local";

    private static final long READY_SECONDS = 120;
    private static final long STOP_SECONDS = 20;

    private final String name;
    private final Path log;
    private final List<String> command;
    private final int port;
    private GuardedProcess process;

    private SideProcess(String name, Path log, int port, List<String> command) {
        this.name = name;
        this.log = log;
        this.port = port;
        this.command = command;
    }

    /**
     * A Kafka node without topics that takes connections.
     *
     * @param folder for its data; its log lies there too
     */
    public static SideProcess kafka(Path folder) {
        int port = free("kafka");
        return started(
                "kafka",
                "KafkaNode",
                folder,
                port,
                List.of("-Xmx320m"),
                List.of(Integer.toString(port), Integer.toString(free("kafka controller"))));
    }

    /**
     * An S3 store with the bucket {@link #BUCKET}, for {@link #ACCESS_KEY}.
     *
     * @param folder for its data; its log lies there too
     */
    public static SideProcess s3(Path folder) {
        int port = free("s3");
        return started(
                "s3",
                "S3Node",
                folder,
                port,
                List.of("-Xmx128m"),
                List.of(Integer.toString(port), ACCESS_KEY, SECRET_KEY, BUCKET));
    }

    private static int free(String what) {
        return Ports.claim(0, what, "nothing");
    }

    private static SideProcess started(
            String name, String main, Path folder, int port, List<String> options, List<String> arguments) {
        try {
            Path data = Files.createDirectories(folder).toRealPath();
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(options);
            Collections.addAll(
                    command,
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Dlogback.configurationFile=io/cema/ops/scale/logging.xml",
                    "-cp",
                    classPath(),
                    "io.cema.ops.scale." + main,
                    data.resolve("data").toString());
            command.addAll(arguments);
            SideProcess side = new SideProcess(name, data.resolve(name + ".log"), port, command);
            side.start();
            return side;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + name, e);
        }
    }

    /** On loopback; stays the same over restarts. */
    public int port() {
        return port;
    }

    /** {@code 127.0.0.1:PORT}. */
    public String address() {
        return Ports.LOOPBACK + ":" + port;
    }

    /** Starts it again, and waits until it takes connections. */
    public void start() throws IOException {
        process = GuardedProcess.start(name, command, Map.of(), log, "TERM");
        long end = System.nanoTime() + READY_SECONDS * 1_000_000_000L;
        while (!Ports.accepts(port)) {
            if (!process.alive() || System.nanoTime() > end) {
                close();
                throw new StackException(name + " did not start: " + lastLines() + " (see " + log + ")");
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                close();
                throw new StackException("interrupted while " + name + " started", e);
            }
        }
    }

    /** {@code kill -9}. */
    public void kill() throws InterruptedException {
        process.kill();
    }

    @Override
    public void close() {
        try {
            process.stop(STOP_SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String lastLines() throws IOException {
        List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size()));
    }

    private static String classPath() {
        Path module = module();
        Path lib = module.resolve("target/lib");
        if (!Files.isDirectory(lib)) {
            throw new StackException("Kafka and S3 for tests are not built: " + lib
                    + " is missing; run `mvn -pl ops/scale-stack -am process-classes`");
        }
        return module.resolve("target/classes") + System.getProperty("path.separator") + lib + "/*";
    }

    /** The folder of this module, by the property {@code cema.root} or upwards from the working directory. */
    private static Path module() {
        String root = System.getProperty("cema.root");
        Path start = Path.of(root == null ? "" : root).toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            Path module = folder.resolve("ops/scale-stack");
            if (Files.isRegularFile(module.resolve("pom.xml"))) {
                return module;
            }
        }
        throw new StackException(
                "no ops/scale-stack at or above " + start + "; set the system property cema.root to the repository");
    }
}
