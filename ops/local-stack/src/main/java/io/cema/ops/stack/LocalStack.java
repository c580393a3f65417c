package io.cema.ops.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Broker and database of one machine, as a program. Prints one line {@code READY broker.port=.. database.port=..} when
 * both can be used, and ends on SIGTERM, on Ctrl-C, when the database fails, or when its parent is gone.
 */
@Command(
        name = "local-stack",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "An MQTT 5 broker and a PostgreSQL for one machine, on the loopback interface only.")
public final class LocalStack implements Callable<Integer> {
    /** What of the stack to run. */
    enum Part {
        BROKER,
        DATABASE
    }

    private static final long AUTHORITY_POLL_MILLIS = 200;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "Folder that everything is kept in.")
    private Path data;

    @Option(
            names = "--broker-port",
            defaultValue = "0",
            paramLabel = "PORT",
            description = "MQTT port, 0 = any free one (default).")
    private int brokerPort;

    @Option(
            names = "--ca",
            paramLabel = "DIR",
            description = "Listen with TLS too, for clients with a certificate of that authority: the folder ca of the"
                    + " cloud service's data.")
    private Path authority;

    @Option(
            names = "--tls-port",
            defaultValue = "0",
            paramLabel = "PORT",
            description = "MQTT port with TLS, 0 = any free one (default); needs --ca.")
    private int tlsPort;

    @Option(names = "--tls-only", description = "No anonymous MQTT listener; needs --ca.")
    private boolean tlsOnly;

    @Option(
            names = "--postgres-port",
            defaultValue = "0",
            paramLabel = "PORT",
            description = "PostgreSQL port, 0 = any free one (default).")
    private int postgresPort;

    @Option(
            names = "--postgres-password",
            defaultValue = "${env:CEMA_DATABASE_PASSWORD:-cema}",
            paramLabel = "PASSWORD",
            description = "Password of the role cema; better given in CEMA_DATABASE_PASSWORD. Default: cema.")
    private String password;

    @Option(
            names = "--only",
            paramLabel = "PART",
            description = "Run just one part: ${COMPLETION-CANDIDATES}, in any case.")
    private Part only;

    @Option(
            names = "--parent",
            paramLabel = "PID",
            description = "End when that process ends (for programs that start the stack).")
    private Long parent;

    private final AtomicReference<Broker> broker = new AtomicReference<>();
    private final AtomicReference<Database> database = new AtomicReference<>();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CountDownLatch stopped = new CountDownLatch(1);

    private LocalStack() {}

    public static void main(String[] arguments) {
        // Before the first logger: HiveMQ's jar has a configuration of its own, which writes to standard output.
        System.setProperty("logback.configurationFile", "io/cema/ops/stack/logging.xml");
        CommandLine line = new CommandLine(new LocalStack())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((e, command, result) -> {
                    if (e instanceof StackException) {
                        System.err.println("local-stack: " + e.getMessage());
                    } else {
                        e.printStackTrace();
                    }
                    return 1;
                });
        int status = line.execute(arguments);
        if (status != 0 || line.isUsageHelpRequested() || line.isVersionHelpRequested()) {
            System.exit(status);
        }
    }

    @Override
    public Integer call() throws Exception {
        data = Files.createDirectories(data).toRealPath();
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));
        watchParent();
        Map<String, String> endpoints = new LinkedHashMap<>();
        if (only != Part.BROKER) {
            Database started = Database.start(data.resolve("database"), postgresPort, password);
            database.set(started);
            started.onExit(this::databaseEnded);
            endpoints.putAll(Endpoints.database(started.port(), password));
        }
        if (only != Part.DATABASE) {
            Optional<SecureListener> secure = secureListener();
            if (only == null) {
                awaitAuthority(secure);
            }
            Broker started = Broker.start(data.resolve("broker"), brokerPort, secure);
            broker.set(started);
            endpoints.putAll(Endpoints.broker(started.listening()));
        }
        Endpoints.write(data, endpoints);
        System.out.println(readyLine(endpoints));
        System.out.flush();
        stopped.await();
        return 0;
    }

    private Optional<SecureListener> secureListener() throws IOException {
        if (authority == null && (tlsOnly || tlsPort != 0)) {
            throw new StackException("--tls-port and --tls-only need --ca, the cloud service's folder ca");
        }
        return authority == null
                ? Optional.empty()
                : Optional.of(
                        new SecureListener(tlsPort, authority.toAbsolutePath().normalize(), tlsOnly));
    }

    /** The cloud service makes its authority at its first start, for which it needs the database. */
    private static void awaitAuthority(Optional<SecureListener> secure) throws InterruptedException {
        boolean told = false;
        while (secure.isPresent() && !secure.get().complete()) {
            if (!told) {
                System.err.println("local-stack: the database runs; the broker waits for the certificates in "
                        + secure.get().authority() + ", which the cloud service makes at its first start with"
                        + " cema.security.enabled=true");
                told = true;
            }
            Thread.sleep(AUTHORITY_POLL_MILLIS);
        }
    }

    private static String readyLine(Map<String, String> endpoints) {
        StringBuilder line = new StringBuilder("READY");
        for (String key :
                new String[] {"broker.host", "broker.port", "broker.tls-port", "database.host", "database.port"}) {
            if (endpoints.containsKey(key)) {
                line.append(String.format(Locale.ROOT, " %s=%s", key, endpoints.get(key)));
            }
        }
        return line.toString();
    }

    private void watchParent() {
        if (parent == null) {
            return;
        }
        ProcessHandle handle = ProcessHandle.of(parent)
                .orElseThrow(() -> new StackException("--parent names no living process: " + parent));
        handle.onExit().thenRun(() -> System.exit(0));
    }

    private void databaseEnded() {
        try {
            // Ctrl-C reaches the server and this process together: give the shutdown hook time to say that it is
            // wished.
            Thread.sleep(500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!stopping.get()) {
            System.err.println(
                    "local-stack: PostgreSQL ended by itself; see " + data.resolve("database/postgresql.log"));
            System.exit(1);
        }
    }

    private void stop() {
        stopping.set(true);
        close("broker", broker.getAndSet(null));
        close("database", database.getAndSet(null));
        stopped.countDown();
    }

    private static void close(String name, AutoCloseable part) {
        if (part == null) {
            return;
        }
        try {
            part.close();
        } catch (IOException | StackException e) {
            System.err.println("local-stack: " + name + ": " + e.getMessage());
        } catch (Exception e) {
            System.err.println("local-stack: " + name + " did not stop: " + e);
        }
    }
}
