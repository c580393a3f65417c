package io.cema.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One agent on a disk of its own that fills up, cannot be written, or comes back damaged: it serves on, says what is wrong,
 * and recovers without help. The disk is a real file system of a few megabytes, which needs root.
 */
@Tag("process")
class DeviceFaultTest {
    private static final String DEVICE = "cam-1";
    private static final int FRAMES = 1_000;
    private static final double RATE = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private Path disk;
    private ProcessFleet fleet;
    private AgentStream stream;

    @AfterEach
    void endAll() throws Exception {
        if (fleet != null) {
            fleet.close();
        }
        if (disk != null) {
            run("umount", disk.toString());
        }
    }

    @Test
    void aFullDiskAReadOnlyDiskAndDamagedFiles_areSurvivedAndSaid() throws Exception {
        Path mountPoint = Files.createDirectories(folder.resolve(DEVICE));
        String missing = tried("mount", "-t", "tmpfs", "-o", "size=8m", "cema-device", mountPoint.toString());
        assumeThat(missing).as("a small file system can be mounted, as root").isEmpty();
        disk = mountPoint;
        fleet = new ProcessFleet(folder, List.of(DEVICE));
        stream = fleet.stream("fog:4", FRAMES).agents().get(0);
        start();
        awaitUpdateAbove(0);

        fullDisk();
        readOnlyDisk();
        damagedFiles();
    }

    private void fullDisk() throws Exception {
        long before = status().path("revision").asLong();
        fill();
        await("a full disk is said").atMost(PATIENCE).until(() -> problem().contains("No space left"));
        assertThat(classified()).isEqualTo(200);
        framesGoOn();
        assertThat(status().path("skipped").path("DISK_FULL").asLong())
                .as("samples not spooled")
                .isPositive();
        assertThat(fleet.query("select reported->>'problem' from device").get(0))
                .as("what the cloud knows of it")
                .contains("free space there");
        Files.delete(disk.resolve("ballast"));
        await("the problem is over").atMost(PATIENCE).until(() -> problem().isEmpty());
        await("uploads go on when there is room").atMost(PATIENCE).until(this::uploading);
        awaitUpdateAbove(before);
    }

    private void readOnlyDisk() throws Exception {
        long before = status().path("revision").asLong();
        fleet.kill(DEVICE);
        await("nobody holds the disk any more")
                .atMost(PATIENCE)
                .until(() -> tried("mount", "-o", "remount,ro", disk.toString()).isEmpty());
        start();
        await("an agent on a read-only disk serves").atMost(PATIENCE).until(() -> classified() == 200);
        assertThat(problem()).contains("Read-only");
        assertThat(status().path("revision").asLong())
                .as("the update that was in use before")
                .isEqualTo(before);
        run("mount", "-o", "remount,rw", disk.toString());
        await("uploads go on when the disk can be written").atMost(PATIENCE).until(this::uploading);
        await("the problem is over").atMost(PATIENCE).until(() -> problem().isEmpty());
        framesGoOn();
    }

    private void damagedFiles() throws Exception {
        fleet.stack().stopBroker();
        await("samples wait on disk")
                .atMost(PATIENCE)
                .until(() -> status().path("spool").path("images").asInt() >= 4);
        fleet.kill(DEVICE);
        try (Stream<Path> files = Files.walk(disk)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                damage(file);
            }
        }
        fleet.stack().startBroker();
        start();
        await("an agent with damaged files serves").atMost(PATIENCE).until(() -> classified() == 200);
        await("uploads go on").atMost(PATIENCE).until(this::uploading);
        assertThat(status().path("spool").path("corrupted").asLong()).isPositive();
        assertThat(status().path("disk").path("damaged").toString()).contains("identity.json", "desired.bin");
        awaitUpdateAbove(0);
    }

    private void start() throws IOException {
        fleet.startAgent(
                stream, RATE, List.of(), Map.of("cema.frames.loop", "true", "cema.uplink.spool-max-bytes", "2000000"));
    }

    private void awaitUpdateAbove(long revision) {
        await("an update above " + revision + " is in use")
                .atMost(PATIENCE)
                .until(() -> status().path("revision").asLong() > revision);
    }

    private void fill() throws IOException {
        byte[] block = new byte[4096];
        try (OutputStream ballast = Files.newOutputStream(disk.resolve("ballast"))) {
            while (true) {
                ballast.write(block);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    /** Its first half stays, the rest is noise. */
    private static void damage(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        byte[] noise = new byte[bytes.length - bytes.length / 2];
        new Random(bytes.length).nextBytes(noise);
        System.arraycopy(noise, 0, bytes, bytes.length / 2, noise.length);
        Files.write(file, bytes);
    }

    /** @return status of an application's request; 0 while nobody answers */
    private int classified() throws InterruptedException, IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB), "png", png);
        URI uri = URI.create("http://" + fleet.stack().host() + ":" + fleet.port(DEVICE) + "/v1/classify");
        try {
            return http.send(
                            HttpRequest.newBuilder(uri)
                                    .header("Content-Type", "image/png")
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(png.toByteArray()))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    private void framesGoOn() {
        long before = status().path("frames").asLong();
        await("frames are answered")
                .atMost(PATIENCE)
                .until(() -> status().path("frames").asLong() > before + 3 * RATE);
    }

    private boolean uploading() throws InterruptedException {
        long before = status().path("acknowledged").asLong();
        Thread.sleep(2_000);
        return status().path("acknowledged").asLong() > before;
    }

    /** Not empty while it does not answer. */
    private String problem() {
        return status().path("problem").asText("no answer");
    }

    private JsonNode status() {
        try {
            return fleet.status(DEVICE);
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    private static void run(String... command) throws Exception {
        assertThat(tried(command)).as(String.join(" ", command)).isEmpty();
    }

    /** What went wrong, or nothing. */
    private static String tried(String... command) throws InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0 ? "" : said + " failed";
        } catch (IOException e) {
            return e.getMessage();
        }
    }
}
