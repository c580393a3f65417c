package io.cema.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.serving.AgentStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An agent that finds its files damaged when it starts: model, update, desired state, identity, spool, all of them. */
class DamagedStartTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String UPDATE = "01J00000000000000000000001";

    private final CloudDouble cloud = new CloudDouble();
    private final EngineFactory engines = new OnnxRuntimeEngineFactory(1);
    private Map<String, String> settings;
    private EdgeAgent agent;

    @BeforeEach
    void runForAWhile() throws IOException {
        settings = cloud.open();
        start();
        cloud.wish(1);
        cloud.update(UPDATE, 1, TestModels.difference(cloud.model.affine(), .02, 1));
        await().atMost(PATIENCE).until(() -> status().update().equals(UPDATE));
        await().atMost(PATIENCE).until(() -> status().spool().images() >= 4);
        agent.close();
    }

    @AfterEach
    void closeAll() {
        agent.close();
        cloud.stop();
    }

    @Test
    void oneOfEachPairDamaged_withoutNetwork_serves() throws IOException {
        goOffline();
        damage(file -> !file.toString().endsWith(".copy"), DamagedStartTest::halfNoise);
        // The message of an update has no second: the base model stands in for it.
        start();

        await().atMost(PATIENCE).until(() -> status().modelDigest().equals(cloud.manifest.digest()));
        assertThat(status().spool().corrupted()).isGreaterThanOrEqualTo(4);
        assertThat(status().disk().damaged()).anyMatch(line -> line.contains(cloud.manifest.digest()));
        await().atMost(PATIENCE).until(() -> status().frames() > 20);
    }

    @Test
    void modelAndStateEmpty_withoutNetwork_servesWithTheLastUpdate() throws IOException {
        goOffline();
        damage(
                file -> Stream.of("state.json", "desired.bin", "identity.json", cloud.manifest.digest())
                        .anyMatch(name -> file.endsWith(name)),
                bytes -> new byte[0]);
        start();

        await().atMost(PATIENCE).until(() -> status().update().equals(UPDATE));
        assertThat(status().disk().damagedFiles()).isEqualTo(4);
    }

    @Test
    void everythingDamaged_isFetchedAnewFromTheCloud() throws IOException {
        damage(file -> true, DamagedStartTest::halfNoise);
        cloud.acknowledging = true;
        start();

        await().atMost(PATIENCE).until(() -> status().update().equals(UPDATE));
        await().atMost(PATIENCE).until(() -> status().acknowledged() > 0);
        assertThat(status().problem()).isEmpty();
        assertThat(cloud.telemetry).isNotEmpty();
        await().atMost(PATIENCE)
                .until(() -> cloud.telemetry
                                .get(cloud.telemetry.size() - 1)
                                .getDisk()
                                .getDamagedFiles()
                        > 4);
    }

    @Test
    void everythingEmpty_isFetchedAnewFromTheCloud() throws IOException {
        damage(file -> true, bytes -> new byte[0]);
        start();

        await().atMost(PATIENCE).until(() -> status().update().equals(UPDATE));
        assertThat(status().problem()).isEmpty();
    }

    private void goOffline() {
        cloud.stack.killBroker();
        cloud.artefacts.clear();
    }

    private void start() throws IOException {
        agent = Agents.open(settings, engines, Optional.empty());
        agent.start();
    }

    private AgentStatus status() {
        return agent.status();
    }

    private void damage(Predicate<Path> which, UnaryOperator<byte[]> how) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(settings.get("cema.data-dir")))) {
            for (Path file : files.filter(Files::isRegularFile).filter(which).toList()) {
                Files.write(file, how.apply(Files.readAllBytes(file)));
            }
        }
    }

    /** Its first half stays. */
    private static byte[] halfNoise(byte[] bytes) {
        byte[] damaged = Arrays.copyOf(bytes, bytes.length);
        for (int i = bytes.length / 2; i < bytes.length; i++) {
            damaged[i] ^= (byte) (1 + 37 * i % 250);
        }
        return damaged;
    }
}
