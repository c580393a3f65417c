package io.cema.ops.stack;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The local stack as two child processes, broker and database, each of which can be stopped, killed and started again
 * on its port over its data. For tests and the demo; needs the JDK alone, and {@code ops/local-stack} built as far as
 * its classes. Thread-safe; the children end with this process.
 */
public final class StackProcess implements AutoCloseable {
    private static final long READY_SECONDS = 90;
    private static final long STOP_SECONDS = 40;

    private enum Part {
        BROKER("broker", "broker.port", "--broker-port", "-Xmx256m"),
        SECURE_BROKER("broker", "broker.tls-port", "--tls-port", "-Xmx256m"),
        DATABASE("database", "database.port", "--postgres-port", "-Xmx64m");

        private final String option;
        private final String key;
        private final String portOption;
        private final String heap;

        Part(String option, String key, String portOption, String heap) {
            this.option = option;
            this.key = key;
            this.portOption = portOption;
            this.heap = heap;
        }

        private String option() {
            return option;
        }
    }

    /** One part's process and the port it has had since its first start. */
    private final class Child {
        private final Part part;
        private final List<String> javaOptions;
        private final List<String> further;
        private int port;
        private Process process;

        private Child(Part part, int port, List<String> javaOptions, List<String> further) {
            this.part = part;
            this.port = port;
            this.javaOptions = javaOptions;
            this.further = further;
        }

        private synchronized void start() {
            if (process != null && process.isAlive()) {
                return;
            }
            try {
                Path log = log();
                List<String> command = new ArrayList<>(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        part.heap,
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1"));
                command.addAll(javaOptions);
                command.addAll(List.of(
                        "-cp",
                        classPath(),
                        "-Dcema.postgres.binaries=" + module().resolve("target/postgresql"),
                        "io.cema.ops.stack.LocalStack",
                        "--data",
                        data.toString(),
                        "--only",
                        part.option(),
                        part.portOption,
                        Integer.toString(port),
                        "--parent",
                        Long.toString(ProcessHandle.current().pid())));
                command.addAll(further);
                ProcessBuilder builder =
                        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
                builder.environment().put("CEMA_DATABASE_PASSWORD", password);
                process = builder.start();
                port = awaitReady(log);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot start the local stack's " + part.option(), e);
            }
        }

        private int awaitReady(Path log) throws IOException {
            Process started = process;
            CompletableFuture<String> line = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            BufferedReader reader = started.inputReader(StandardCharsets.UTF_8);
                            String read = reader.readLine();
                            while (read != null && !read.startsWith("READY ")) {
                                read = reader.readLine();
                            }
                            return read == null ? "" : read;
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    StackProcess::runInThread);
            try {
                String ready = line.get(READY_SECONDS, TimeUnit.SECONDS);
                for (String word : ready.split(" ")) {
                    if (word.startsWith(part.key + "=")) {
                        return Integer.parseInt(word.substring(part.key.length() + 1));
                    }
                }
                throw new StackException("the local stack's " + part.option() + " did not start: " + lastLines(log)
                        + " (see " + log + ")");
            } catch (ExecutionException e) {
                throw new StackException("the local stack's " + part.option() + " did not start", e.getCause());
            } catch (TimeoutException e) {
                kill();
                throw new StackException("the local stack's " + part.option() + " was not ready within " + READY_SECONDS
                        + " s, see " + log);
            } catch (InterruptedException e) {
                kill();
                Thread.currentThread().interrupt();
                throw new StackException("interrupted while the local stack's " + part.option() + " started", e);
            }
        }

        private synchronized ProcessHandle handle() {
            if (process == null) {
                throw new StackException("the local stack's " + part.option() + " was not started");
            }
            return process.toHandle();
        }

        private Path log() {
            return logs.resolve(part.option() + ".log");
        }

        private synchronized void stop() {
            if (process == null) {
                return;
            }
            process.destroy();
            if (!awaitEnd(STOP_SECONDS)) {
                kill();
            }
        }

        private synchronized void kill() {
            if (process == null) {
                return;
            }
            List<ProcessHandle> below = process.descendants().toList();
            process.destroyForcibly();
            below.forEach(ProcessHandle::destroyForcibly);
            awaitEnd(10);
            below.forEach(handle -> {
                try {
                    handle.onExit().get(10, TimeUnit.SECONDS);
                } catch (ExecutionException | TimeoutException e) {
                    throw new StackException(
                            "process " + handle.pid() + " of the " + part.option() + " does not end", e);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }

        private boolean awaitEnd(long seconds) {
            try {
                return process.waitFor(seconds, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
                return true;
            }
        }
    }

    private final Path data;
    private final Path logs;
    private final String password;
    private final Child broker;
    private final Child database;

    private StackProcess(
            Path data,
            Path logs,
            int brokerPort,
            int postgresPort,
            String password,
            Optional<Path> authority,
            List<String> brokerOptions) {
        this.data = data;
        this.logs = logs;
        this.password = password;
        this.broker = authority
                .map(ca -> new Child(
                        Part.SECURE_BROKER, brokerPort, brokerOptions, List.of("--ca", ca.toString(), "--tls-only")))
                .orElseGet(() -> new Child(Part.BROKER, brokerPort, brokerOptions, List.of()));
        this.database = new Child(Part.DATABASE, postgresPort, List.of(), List.of());
    }

    /** Both parts on free ports, with the password {@code cema}. */
    public static StackProcess start(Path data) {
        return start(data, 0, 0, "cema");
    }

    /**
     * Both parts; returns once both can be used.
     *
     * @param data folder for everything they keep; a new one or that of an earlier stack
     * @param brokerPort 0 for any free one
     * @param postgresPort 0 for any free one
     * @param password of the role {@code cema}
     * @throws StackException if either does not start; nothing is left running then
     */
    public static StackProcess start(Path data, int brokerPort, int postgresPort, String password) {
        return start(data, data, brokerPort, postgresPort, password);
    }

    /**
     * The same with {@code broker.log} and {@code database.log} in another folder.
     *
     * @param logs folder that exists
     */
    public static StackProcess start(Path data, Path logs, int brokerPort, int postgresPort, String password) {
        return start(data, logs, brokerPort, postgresPort, password, List.of());
    }

    /**
     * The same with a broker for more than a few clients.
     *
     * @param brokerOptions of its Java machine, in force over the small ones it has else, e.g. {@code -Xmx1g}
     */
    public static StackProcess start(
            Path data, Path logs, int brokerPort, int postgresPort, String password, List<String> brokerOptions) {
        StackProcess stack = prepare(data, logs, brokerPort, postgresPort, password, Optional.empty(), brokerOptions);
        try {
            CompletableFuture<Void> database =
                    CompletableFuture.runAsync(stack.database::start, StackProcess::runInThread);
            stack.broker.start();
            database.get();
            return stack;
        } catch (ExecutionException e) {
            stack.close();
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new StackException("the local stack does not start", e.getCause());
        } catch (InterruptedException e) {
            stack.close();
            Thread.currentThread().interrupt();
            throw new StackException("interrupted while the local stack started", e);
        } catch (RuntimeException e) {
            stack.close();
            throw e;
        }
    }

    /** The broker alone, on a free port; {@link #startDatabase} may follow. */
    public static StackProcess startBrokerOnly(Path data) {
        StackProcess stack = prepare(data, data, 0, 0, "cema", Optional.empty(), List.of());
        stack.broker.start();
        return stack;
    }

    /**
     * The broker alone, on a free port that takes clients with a certificate of that authority and no others.
     *
     * @param authority the cloud service's folder {@code ca}
     */
    public static StackProcess startSecureBroker(Path data, Path authority) {
        return startSecureBroker(data, authority, 0);
    }

    /** The same on a chosen port, 0 for any free one. */
    public static StackProcess startSecureBroker(Path data, Path authority, int port) {
        StackProcess stack = prepare(data, data, port, 0, "cema", Optional.of(authority), List.of());
        stack.broker.start();
        return stack;
    }

    /** The database alone, on a free port; {@link #startBroker} may follow. */
    public static StackProcess startDatabaseOnly(Path data) {
        StackProcess stack = prepare(data, data, 0, 0, "cema", Optional.empty(), List.of());
        stack.database.start();
        return stack;
    }

    private static StackProcess prepare(
            Path data,
            Path logs,
            int brokerPort,
            int postgresPort,
            String password,
            Optional<Path> authority,
            List<String> brokerOptions) {
        try {
            Path real = Files.createDirectories(data).toRealPath();
            return new StackProcess(
                    real, logs.toRealPath(), brokerPort, postgresPort, password, authority, brokerOptions);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the data folder " + data, e);
        }
    }

    public String host() {
        return Ports.LOOPBACK;
    }

    /** MQTT; stays the same over restarts. */
    public int brokerPort() {
        return broker.port;
    }

    /** PostgreSQL; stays the same over restarts. */
    public int databasePort() {
        return database.port;
    }

    public String databaseName() {
        return "cema";
    }

    public String databaseUser() {
        return "cema";
    }

    public String databasePassword() {
        return password;
    }

    public String jdbcUrl() {
        return "jdbc:postgresql://" + host() + ":" + databasePort() + "/" + databaseName();
    }

    /** The broker's process; another one after each start. */
    public ProcessHandle brokerProcess() {
        return broker.handle();
    }

    /** The process that holds PostgreSQL's server and its workers, which are its descendants. */
    public ProcessHandle databaseProcess() {
        return database.handle();
    }

    /** Starts it if it does not run, and waits until it can be used. */
    public void startBroker() {
        broker.start();
    }

    /** Ends it cleanly. */
    public void stopBroker() {
        broker.stop();
    }

    /** {@code kill -9}. */
    public void killBroker() {
        broker.kill();
    }

    /** Starts it if it does not run, and waits until it can be used. */
    public void startDatabase() {
        database.start();
    }

    /** Ends it cleanly. */
    public void stopDatabase() {
        database.stop();
    }

    /** {@code kill -9} of the server, its workers and the process that holds it. */
    public void killDatabase() {
        database.kill();
    }

    /** Ends both cleanly. The data stay. */
    @Override
    public void close() {
        try {
            broker.stop();
        } finally {
            database.stop();
        }
    }

    private static void runInThread(Runnable task) {
        Thread thread = new Thread(task, "local-stack");
        thread.setDaemon(true);
        thread.start();
    }

    /** The last lines of a log, for an error message. */
    private static String lastLines(Path log) throws IOException {
        List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size()));
    }

    private static String classPath() {
        Path module = module();
        Path lib = module.resolve("target/lib");
        Path classes = module.resolve("target/classes");
        if (!Files.isDirectory(lib) || !Files.exists(classes.resolve("io/cema/ops/stack/LocalStack.class"))) {
            throw new StackException("the local stack is not built: " + module
                    + " lacks target/classes or target/lib; run `mvn -pl ops/local-stack process-classes`");
        }
        // The access extension and the topic grammar it needs; both may be unbuilt where no TLS is asked for.
        Path root = module.resolve("../..").normalize();
        return String.join(
                System.getProperty("path.separator"),
                classes.toString(),
                lib + "/*",
                root.resolve("ops/broker-access/target/classes").toString(),
                root.resolve("protocol/target/classes").toString());
    }

    /** The folder of this module, by the property {@code cema.root} or upwards from the working directory. */
    private static Path module() {
        String root = System.getProperty("cema.root");
        Path start = Path.of(root == null ? "" : root).toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            Path module = folder.resolve("ops/local-stack");
            if (Files.isRegularFile(module.resolve("pom.xml"))) {
                return module;
            }
        }
        throw new StackException(
                "no ops/local-stack at or above " + start + "; set the system property cema.root to the repository");
    }
}
