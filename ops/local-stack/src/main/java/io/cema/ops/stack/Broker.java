package io.cema.ops.stack;

import com.hivemq.configuration.service.InternalConfigurations;
import com.hivemq.embedded.EmbeddedHiveMQ;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * HiveMQ Community Edition inside this process: one anonymous MQTT listener on the loopback interface, sessions and
 * retained messages in files, so that they survive the process however it ends.
 */
final class Broker implements AutoCloseable {
    private static final int BUCKETS = 4;
    private static final long START_SECONDS = 90;

    private final FolderLock lock;
    private final EmbeddedHiveMQ broker;
    private final int port;

    private Broker(FolderLock lock, EmbeddedHiveMQ broker, int port) {
        this.lock = lock;
        this.broker = broker;
        this.port = port;
    }

    /**
     * Starts it and returns once it accepts connections.
     *
     * @param folder everything it keeps
     * @param wantedPort 0 for any free one
     */
    static Broker start(Path folder, int wantedPort) throws IOException, InterruptedException {
        FolderLock lock = FolderLock.take(folder);
        try {
            int port = Ports.claim(wantedPort, "MQTT broker", "--broker-port");
            Path configuration = Files.createDirectories(folder.resolve("conf"));
            Files.writeString(configuration.resolve("config.xml"), configuration(port));
            // Each bucket opens several databases; 64 of them are for machines of another size and cost seconds.
            InternalConfigurations.PERSISTENCE_BUCKET_COUNT.set(BUCKETS);
            EmbeddedHiveMQ broker = EmbeddedHiveMQ.builder()
                    .withConfigurationFolder(configuration)
                    .withDataFolder(Files.createDirectories(folder.resolve("data")))
                    .withExtensionsFolder(Files.createDirectories(folder.resolve("extensions")))
                    .withoutLoggingBootstrap()
                    .build();
            try {
                broker.start().get(START_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw new StackException(
                        "MQTT broker does not start on port " + port + " with data in " + folder + ": "
                                + e.getCause().getMessage(),
                        e.getCause());
            } catch (TimeoutException e) {
                throw new StackException(
                        "MQTT broker with data in " + folder + " did not start within " + START_SECONDS + " s", e);
            }
            return new Broker(lock, broker, port);
        } catch (IOException | InterruptedException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    int port() {
        return port;
    }

    private static String configuration(int port) throws IOException {
        try (InputStream template = Broker.class.getResourceAsStream("broker.xml")) {
            return new String(template.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("@bind-address@", Ports.LOOPBACK)
                    .replace("@port@", Integer.toString(port));
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        try {
            broker.stop().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new StackException("MQTT broker on port " + port + " did not stop cleanly", e);
        } finally {
            lock.close();
        }
    }
}
