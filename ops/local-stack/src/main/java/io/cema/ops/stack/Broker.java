package io.cema.ops.stack;

import com.hivemq.configuration.service.InternalConfigurations;
import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import com.hivemq.embedded.EmbeddedHiveMQBuilder;
import com.hivemq.extension.sdk.api.ExtensionMain;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * HiveMQ Community Edition inside this process: on the loopback interface an anonymous MQTT listener, one with TLS and
 * client certificates, or both. Sessions and retained messages are in files, so that they survive the process however it
 * ends.
 */
final class Broker implements AutoCloseable {
    private static final int BUCKETS = 4;
    private static final long START_SECONDS = 90;

    private final FolderLock lock;
    private final EmbeddedHiveMQ broker;
    private final Listening listening;

    /** The ports; at least one is there. */
    record Listening(Optional<Integer> plain, Optional<Integer> tls) {}

    private Broker(FolderLock lock, EmbeddedHiveMQ broker, Listening listening) {
        this.lock = lock;
        this.broker = broker;
        this.listening = listening;
    }

    /**
     * Starts it and returns once it accepts connections.
     *
     * @param folder everything it keeps
     * @param wantedPort of the anonymous listener, 0 for any free one
     * @param secure the TLS listener, if one is wished
     */
    static Broker start(Path folder, int wantedPort, Optional<SecureListener> secure)
            throws IOException, InterruptedException {
        FolderLock lock = FolderLock.take(folder);
        try {
            Listening listening = new Listening(
                    secure.filter(SecureListener::only).isPresent()
                            ? Optional.empty()
                            : Optional.of(Ports.claim(wantedPort, "MQTT broker", "--broker-port")),
                    secure.map(s -> Ports.claim(s.wantedPort(), "MQTT broker's TLS listener", "--tls-port")));
            Path configuration = Files.createDirectories(folder.resolve("conf"));
            Files.setPosixFilePermissions(configuration, PosixFilePermissions.fromString("rwx------"));
            Files.writeString(configuration.resolve("config.xml"), configuration(configuration, listening, secure));
            // Each bucket opens several databases; 64 of them are for machines of another size and cost seconds.
            InternalConfigurations.PERSISTENCE_BUCKET_COUNT.set(BUCKETS);
            EmbeddedHiveMQBuilder builder = EmbeddedHiveMQ.builder()
                    .withConfigurationFolder(configuration)
                    .withDataFolder(Files.createDirectories(folder.resolve("data")))
                    .withExtensionsFolder(Files.createDirectories(folder.resolve("extensions")))
                    .withoutLoggingBootstrap();
            EmbeddedHiveMQ broker = (secure.isPresent() ? builder.withEmbeddedExtension(access()) : builder).build();
            try {
                broker.start().get(START_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw new StackException(
                        "MQTT broker does not start on " + listening + " with data in " + folder + ": "
                                + e.getCause().getMessage(),
                        e.getCause());
            } catch (TimeoutException e) {
                throw new StackException(
                        "MQTT broker with data in " + folder + " did not start within " + START_SECONDS + " s", e);
            }
            return new Broker(lock, broker, listening);
        } catch (IOException | InterruptedException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    Listening listening() {
        return listening;
    }

    /** Whoever has certificates has an access list: without the extension every certificate could do everything. */
    private static EmbeddedExtension access() {
        ExtensionMain main = ServiceLoader.load(ExtensionMain.class)
                .findFirst()
                .orElseThrow(() -> new StackException("the TLS listener needs the access extension on the class path;"
                        + " build it with `mvn -pl ops/broker-access -am process-classes`"));
        return EmbeddedExtension.builder()
                .withId("cema-access")
                .withName("CEMA access")
                .withVersion("0.1")
                .withAuthor("CEMA")
                .withExtensionMain(main)
                .build();
    }

    private static String configuration(Path folder, Listening listening, Optional<SecureListener> secure)
            throws IOException {
        String listeners = listening.plain().map(Broker::plainListener).orElse("");
        if (secure.isPresent()) {
            listeners += secure.get().prepare(folder, listening.tls().orElseThrow());
        }
        try (InputStream template = Broker.class.getResourceAsStream("broker.xml")) {
            return new String(template.readAllBytes(), StandardCharsets.UTF_8).replace("@listeners@", listeners);
        }
    }

    private static String plainListener(int port) {
        return """
                <tcp-listener>
                    <port>%d</port>
                    <bind-address>%s</bind-address>
                    <name>loopback</name>
                </tcp-listener>
                """
                .formatted(port, Ports.LOOPBACK);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        try {
            broker.stop().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new StackException("MQTT broker on " + listening + " did not stop cleanly", e);
        } finally {
            lock.close();
        }
    }
}
