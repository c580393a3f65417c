package io.cema.demo;

import static io.cema.demo.AgentUnderTest.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.cema.bench.image.LabelledImage;
import io.cema.protocol.image.Image;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Agents that lose something: the disk fills up, cannot be written, or comes back damaged; the clock is a year off; the
 * network is gone and there are two models to serve. Each serves on, says what is wrong, and recovers without help. One
 * stack and cloud service for all, a device for each.
 */
@Tag("process")
class DeviceFaultTest {
    private static final String WITH_BAD_DISK = "cam-1";
    private static final String WITH_BAD_CLOCK = "cam-2";
    private static final String WITH_TWO_MODELS = "cam-3";
    private static final List<String> DEVICES = List.of(WITH_BAD_DISK, WITH_BAD_CLOCK, WITH_TWO_MODELS);
    private static final int FRAMES = 400;
    private static final String ULID = "[0-9A-Z]{26}";

    @TempDir
    static Path folder;

    private static ProcessFleet fleet;
    private static DemoStream frames;

    private AgentUnderTest agent;
    private Path disk;

    @BeforeAll
    static void startFleet() throws Exception {
        fleet = new ProcessFleet(folder, DEVICES);
        frames = fleet.stream("fog:4", FRAMES);
    }

    @AfterAll
    static void endFleet() throws Exception {
        if (fleet != null) {
            fleet.close();
        }
    }

    @AfterEach
    void endAgent() throws Exception {
        if (agent != null) {
            agent.kill();
        }
        if (disk != null) {
            await("nobody holds the disk any more").atMost(PATIENCE).until(() -> tried("umount", disk.toString())
                    .isEmpty());
        }
    }

    /** On a real file system of a few megabytes, which needs root. */
    @Test
    void aFullDiskAReadOnlyDiskAndDamagedFiles_areSurvivedAndSaid() throws Exception {
        Path mountPoint = Files.createDirectories(folder.resolve(WITH_BAD_DISK));
        String missing = tried("mount", "-t", "tmpfs", "-o", "size=8m", "cema-device", mountPoint.toString());
        assumeThat(missing).as("a small file system can be mounted, as root").isEmpty();
        disk = mountPoint;
        start(WITH_BAD_DISK);
        agent.awaitUpdateAbove(0);

        fullDisk();
        readOnlyDisk();
        damagedFiles();
    }

    private void fullDisk() throws Exception {
        long before = agent.status().path("revision").asLong();
        fill();
        await("a full disk is said").atMost(PATIENCE).until(() -> agent.problem()
                .contains("No space left"));
        assertThat(agent.classified()).isEqualTo(200);
        agent.awaitFrames();
        assertThat(agent.status().path("skipped").path("DISK_FULL").asLong())
                .as("samples not spooled")
                .isPositive();
        assertThat(fleet.query("select reported->>'problem' from device where id = '" + WITH_BAD_DISK + "'")
                        .get(0))
                .as("what the cloud knows of it")
                .contains("free space there");
        Files.delete(disk.resolve("ballast"));
        await("the problem is over").atMost(PATIENCE).until(() -> agent.problem()
                .isEmpty());
        agent.awaitAcknowledged();
        agent.awaitUpdateAbove(before);
    }

    private void readOnlyDisk() throws Exception {
        long before = agent.status().path("revision").asLong();
        agent.kill();
        await("nobody holds the disk any more")
                .atMost(PATIENCE)
                .until(() -> tried("mount", "-o", "remount,ro", disk.toString()).isEmpty());
        start(WITH_BAD_DISK);
        await("an agent on a read-only disk serves").atMost(PATIENCE).until(() -> agent.classified() == 200);
        assertThat(agent.problem()).contains("Read-only");
        assertThat(agent.status().path("revision").asLong())
                .as("the update that was in use before")
                .isEqualTo(before);
        run("mount", "-o", "remount,rw", disk.toString());
        agent.awaitAcknowledged();
        await("the problem is over").atMost(PATIENCE).until(() -> agent.problem()
                .isEmpty());
        agent.awaitFrames();
    }

    private void damagedFiles() throws Exception {
        fleet.stack().stopBroker();
        await("samples wait on disk")
                .atMost(PATIENCE)
                .until(() -> agent.status().path("spool").path("images").asInt() >= 4);
        agent.kill();
        try (Stream<Path> files = Files.walk(disk)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                damage(file);
            }
        }
        fleet.stack().startBroker();
        start(WITH_BAD_DISK);
        await("an agent with damaged files serves").atMost(PATIENCE).until(() -> agent.classified() == 200);
        agent.awaitAcknowledged();
        assertThat(agent.status().path("spool").path("corrupted").asLong()).isPositive();
        assertThat(agent.status().path("disk").path("damaged").toString()).contains("identity.json", "desired.bin");
        agent.awaitUpdateAbove(0);
    }

    @Test
    @Tag("long")
    void aClockAYearAheadAndThenAYearBehind_agesNothingAndBreaksNoConnection() throws Exception {
        ShiftedClock clock = ShiftedClock.by(folder.resolve("shift"));
        Path metered = folder.resolve("metered");
        start(WITH_BAD_CLOCK, clock.prefix(), Map.of("cema.uplink.metered-file", metered.toString()));
        agent.awaitAcknowledged();
        String connection = connection();
        Files.createFile(metered);
        await("samples wait on disk")
                .atMost(PATIENCE)
                .until(() -> agent.status().path("spool").path("images").asInt() >= 4);

        for (String jump : List.of("+365d", "-365d")) {
            clock.leap(jump);
            agent.awaitFrames();
            assertThat(agent.classified()).isEqualTo(200);
            assertThat(agent.status().path("spool").path("dropped").asLong())
                    .as("waiting samples given up after %s", jump)
                    .isZero();
        }
        Files.delete(metered);
        agent.awaitAcknowledged();
        assertThat(agent.problem()).isEmpty();
        assertThat(connection()).as("the session with the broker is the same").isEqualTo(connection);
    }

    @Test
    void twoModels_learnEachInItsCohort_andAreServedFromDiskWithoutNetwork() throws Exception {
        fleet.furtherCohort("further");
        start(WITH_TWO_MODELS);
        fleet.ask("PUT", "/api/v1/devices/" + WITH_TWO_MODELS + "/slots/further");
        SignSupply signs = new SignSupply(7);
        Phase fog = Scenario.parse("fog:4").phases().get(0);
        SplittableRandom order = new SplittableRandom(7);
        await("both models have an update of their own cohort").atMost(PATIENCE).until(() -> {
            // The first sees the frames, the second what an application shows it.
            for (LabelledImage sign : signs.draw(10, order)) {
                agent.classified("?model=further", picture(fog.apply(sign.image(), order)));
            }
            return update(0).matches(ULID) && update(1).matches(ULID);
        });
        assertThat(update(0)).isNotEqualTo(update(1));

        assertThat(agent.inferred("edge").path("model_version").asText()).matches(ULID);
        assertThat(agent.inferred("further").path("outputs").path(0).path("data"))
                .hasSize(28);

        fleet.ask("DELETE", "/api/v1/devices/" + WITH_TWO_MODELS + "/slots/further");
        await("the slot is gone, the other serves")
                .atMost(PATIENCE)
                .until(() ->
                        agent.status().path("slots").size() == 1 && update(0).matches(ULID));
        fleet.ask("PUT", "/api/v1/devices/" + WITH_TWO_MODELS + "/slots/further");
        await("it is back with the cohort's update").atMost(PATIENCE).until(() -> update(1)
                .matches(ULID));

        agent.kill();
        start(WITH_TWO_MODELS, List.of(), Map.of("cema.mqtt.port", "1", "cema.cloud.url", "http://127.0.0.1:1"));
        await("both are served from disk, each with an update")
                .atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(IOException.class) // until it listens
                .until(() ->
                        agent.inferred("edge").path("model_version").asText().matches(ULID)
                                && agent.inferred("further")
                                        .path("model_version")
                                        .asText()
                                        .matches(ULID));
        assertThat(agent.status().path("connected").asBoolean()).isFalse();
    }

    /** Version in use of a slot, empty for the base model. */
    private String update(int slot) {
        return agent.status().path("slots").path(slot).path("update").asText();
    }

    private static BufferedImage picture(Image image) {
        BufferedImage picture = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        byte[] rgb = image.rgb();
        for (int i = 0; i < image.width() * image.height(); i++) {
            int colour = (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | rgb[3 * i + 2] & 0xff;
            picture.setRGB(i % image.width(), i / image.width(), colour);
        }
        return picture;
    }

    private static String connection() throws Exception {
        return fleet.query("select connection::text from device where id = '" + WITH_BAD_CLOCK + "'")
                .get(0);
    }

    private void start(String device) throws IOException {
        start(device, List.of(), Map.of());
    }

    private void start(String device, List<String> prefix, Map<String, String> further) throws IOException {
        agent = new AgentUnderTest(fleet, frames.agents().get(DEVICES.indexOf(device)));
        agent.start(prefix, further);
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
