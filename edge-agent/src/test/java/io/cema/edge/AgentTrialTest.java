package io.cema.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.protocol.message.DeviceEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A whole agent on trial, over a real broker. */
class AgentTrialTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final CloudDouble cloud = new CloudDouble();
    private final EngineFactory engines = new OnnxRuntimeEngineFactory(1);
    private EdgeAgent agent;

    @AfterEach
    void closeAll() {
        agent.close();
        cloud.stop();
    }

    @Test
    void newVersion_isConfirmedOnceItIsHeardAndItsModelComputesAndNotBefore() throws IOException {
        Map<String, String> settings = new HashMap<>(cloud.open());
        Path releases = Files.createDirectories(cloud.folder().resolve("releases"));
        Files.writeString(releases.resolve("trial"), "a\n");
        settings.putAll(Map.of(
                "cema.release.folder", releases.toString(),
                "cema.release.running", "a",
                "cema.release.version", "2.0"));
        agent = Agents.open(settings, engines, Optional.of(() -> {}));
        agent.start();
        await().atMost(PATIENCE).until(() -> cloud.reported.stream()
                .anyMatch(r -> r.getAgentVersion().equals("2.0")));
        assertThat(releases.resolve("trial")).exists();

        cloud.wish(1);

        await().atMost(PATIENCE).until(() -> cloud.events.stream()
                .anyMatch(e -> e.getSubject().equals("agent")
                        && e.getType() == DeviceEvent.Type.APPLIED
                        && e.getUpdateVersion().equals("2.0")));
        assertThat(releases.resolve("current")).hasContent("a\n");
        assertThat(releases.resolve("trial")).doesNotExist();
    }
}
