package io.cema.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.ReportedState;
import io.cema.protocol.message.SelectionPolicy;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.onnx.OnnxModel;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An agent that was away, over a real broker that kept everything for it meanwhile. */
class ReconciliationTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int UPDATES = 100;

    private final CloudDouble cloud = new CloudDouble();
    private final EngineFactory engines = new OnnxRuntimeEngineFactory(1);
    private Map<String, String> settings;
    private EdgeAgent agent;

    @BeforeEach
    void openCloud() {
        settings = new HashMap<>(cloud.open());
        settings.keySet().removeIf(key -> key.startsWith("cema.frames."));
    }

    @AfterEach
    void closeAll() {
        if (agent != null) {
            agent.close();
        }
        cloud.stop();
    }

    @Test
    void offlineForAHundredUpdatesAndThreeDesiredStates_convergesInOneStep() throws IOException {
        startAgent();
        cloud.wish(1);
        await().atMost(PATIENCE).until(() -> inForce(1));
        agent.close();
        ModelManifest second = offer("second", TestModels.preActivation());
        int reportedBefore = cloud.reported.size();

        for (int revision = 1; revision <= UPDATES; revision++) {
            cloud.update(version(revision), revision, TestModels.difference(cloud.model.affine(), .02, revision));
        }
        cloud.wish(2, second);
        cloud.wish(3, second);
        cloud.wish(DesiredState.newBuilder()
                .setVersion(4)
                .addSlots(CloudDouble.slot(cloud.manifest).toBuilder()
                        .setSelection(SelectionPolicy.newBuilder().setRandomShare(.5f)))
                .build());
        startAgent();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(updateSteps()).containsExactly("APPLIED " + version(UPDATES)));
        await().atMost(PATIENCE).until(() -> inForce(4));
        List<ReportedState> since = cloud.reported.subList(reportedBefore, cloud.reported.size());
        assertThat(since).extracting(ReportedState::getDesiredVersion).doesNotContain(2L, 3L);
        assertThat(cloud.events).noneMatch(e -> e.getModelDigest().equals(second.digest()));
        assertThat(agent.status().update()).isEqualTo(version(UPDATES));
        assertThat(agent.status().updatesApplied()).isEqualTo(1);
        assertThat(agent.status().updatesRefused()).isZero();
    }

    private ModelManifest offer(String name, OnnxModel model) {
        ModelManifest manifest = TestModels.manifest(name, model);
        cloud.artefacts.put(manifest.digest(), model.toBytes());
        cloud.artefacts.put(TestModels.sha256(manifest.toJson()), manifest.toJson());
        return manifest;
    }

    private void startAgent() throws IOException {
        agent = Agents.open(settings, engines, Optional.empty());
        agent.start();
    }

    private boolean inForce(long version) {
        return !cloud.reported.isEmpty()
                && cloud.reported.get(cloud.reported.size() - 1).getDesiredVersion() == version;
    }

    /** What became of updates, each step with its version. */
    private List<String> updateSteps() {
        return cloud.events.stream()
                .filter(e -> e.getSubject().equals("update"))
                .map((DeviceEvent e) -> e.getType() + " " + e.getUpdateVersion())
                .toList();
    }

    private static String version(int revision) {
        return "01J00000000000000000000%03d".formatted(revision);
    }
}
