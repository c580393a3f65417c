package io.cema.ops.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cema.ops.stack.GuardedProcess;
import io.cema.ops.stack.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The real Mosquitto with the files of {@code ops/mosquitto}; only folder and ports are others. */
class MosquittoAccessTest extends BrokerAccessContract {
    private static final Path SOURCE = Path.of("../mosquitto");

    private Path configuration;
    private int tlsPort;
    private int plainPort;
    private GuardedProcess process;

    @Override
    void startBroker(Path authority) throws IOException, InterruptedException {
        Optional<Path> binary = binary();
        assumeTrue(binary.isPresent(), "no mosquitto found; install it (Debian: apt-get install mosquitto) to test it");
        tlsPort = Ports.claim(0, "Mosquitto", "-");
        plainPort = Ports.claim(0, "Mosquitto", "-");
        Path cema = Files.createDirectory(data.resolve("cema"));
        for (String name : List.of("authority.pem", "broker.pem", "broker.key")) {
            Files.copy(authority.resolve(name), cema.resolve(name));
        }
        // What Debian's mosquitto.conf sets, and that it keeps the rights of whoever runs the test.
        configuration = Files.writeString(
                data.resolve("mosquitto.conf"),
                "persistence true\npersistence_location " + data + "/\nuser root\n"
                        + Files.readString(SOURCE.resolve("cema.conf"))
                                .replace("/etc/mosquitto/cema", cema.toString())
                                .replace("listener 8883", "listener " + tlsPort + " 127.0.0.1")
                                .replace("listener 1883", "listener " + plainPort));
        run();
    }

    private void run() throws IOException, InterruptedException {
        putAccessFile();
        Files.copy(folder.file("revoked.pem"), data.resolve("cema/revoked.pem"), StandardCopyOption.REPLACE_EXISTING);
        process = GuardedProcess.start(
                "mosquitto",
                List.of(binary().orElseThrow().toString(), "-c", configuration.toString()),
                Map.of(),
                data.resolve("mosquitto.log"),
                "TERM");
        await().atMost(60, TimeUnit.SECONDS).until(() -> Ports.accepts(tlsPort) && Ports.accepts(plainPort));
    }

    @Override
    void stopBroker() throws InterruptedException {
        if (process != null) {
            process.close();
        }
    }

    @Override
    void restartBroker() throws Exception {
        stopBroker();
        run();
    }

    @Override
    int tlsPort() {
        return tlsPort;
    }

    @Override
    Client connectService() {
        return Client.connectPlain(plainPort, "cema-default-" + UUID.randomUUID());
    }

    /** Copies the list and restarts, as the README says. */
    @Override
    void revocationsChanged() throws Exception {
        stopBroker();
        run();
    }

    /** Makes the access file and has it read, as the README says. */
    @Override
    void slotsChanged() throws Exception {
        if (putAccessFile() == 0) {
            signal("HUP");
        }
    }

    @Test
    void list_of_slots_that_is_not_whole_changes_nothing() throws Exception {
        Path access = data.resolve("cema/access.acl");
        String before = Files.readString(access);
        String good = Files.readString(folder.file("slots.acl"));
        Files.writeString(folder.file("slots.acl"), "user default/d/x\n");

        assertThat(putAccessFile()).isEqualTo(1);

        Files.writeString(folder.file("slots.acl"), good);
        assertThat(access).hasContent(before);
    }

    @Test
    void list_of_slots_that_allows_something_else_changes_nothing() throws Exception {
        Path access = data.resolve("cema/access.acl");
        String before = Files.readString(access);
        String good = Files.readString(folder.file("slots.acl"));
        Files.writeString(folder.file("slots.acl"), "user default/d/x\ntopic readwrite #\n" + good);

        assertThat(putAccessFile()).isEqualTo(1);

        Files.writeString(folder.file("slots.acl"), good);
        assertThat(access).hasContent(before);
    }

    private int putAccessFile() throws IOException, InterruptedException {
        return ended(List.of(
                SOURCE.resolve("access-file").toString(),
                SOURCE.resolve("devices.acl").toString(),
                folder.file("slots.acl").toString(),
                data.resolve("cema/access.acl").toString()));
    }

    private void signal(String name) throws IOException, InterruptedException {
        assertThat(ended(List.of(
                        "kill", "-" + name, process.childPid().orElseThrow().toString())))
                .isZero();
    }

    private int ended(List<String> command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(data.resolve("commands.log").toFile())
                .start()
                .waitFor();
    }

    private static Optional<Path> binary() {
        return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
                .map(folder -> Path.of(folder, "mosquitto"))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
