package io.cema.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.protocol.message.Command;
import io.cema.protocol.message.CommandResponse;
import io.cema.protocol.message.DeviceEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What operators ask of an agent, over a real broker. */
class OperatorCommandsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String UPDATE = "01J00000000000000000000001";

    private final CloudDouble cloud = new CloudDouble();
    private final EngineFactory engines = new OnnxRuntimeEngineFactory(1);
    private final AtomicInteger restarts = new AtomicInteger();
    private Map<String, String> settings;
    private EdgeAgent agent;

    @BeforeEach
    void openCloud() {
        settings = new HashMap<>(cloud.open());
    }

    @AfterEach
    void closeAll() {
        agent.close();
        cloud.stop();
    }

    @Test
    void report_sendsReportedStateAndTelemetryAtOnce() throws IOException {
        settings.put("cema.device.telemetry-interval", "1h");
        startAgent(Optional.empty());
        int before = cloud.reported.size();

        assertThat(ask("report").getAccepted()).isTrue();

        await().atMost(PATIENCE).until(() -> cloud.reported.size() > before && !cloud.telemetry.isEmpty());
    }

    @Test
    void rollBack_goesToTheModelBeforeTheUpdateAndSaysSo() throws IOException {
        startAgent(Optional.empty());
        cloud.update(UPDATE, 1, TestModels.difference(cloud.model.affine(), .02, 1));
        await().atMost(PATIENCE).until(() -> agent.status().update().equals(UPDATE));

        CommandResponse answer = ask("roll-back");

        assertThat(answer.getAccepted()).isTrue();
        assertThat(answer.getMessage()).contains(UPDATE);
        assertThat(agent.status().update()).isEmpty();
        await().atMost(PATIENCE).until(() -> cloud.events.stream()
                .anyMatch(e -> e.getType() == DeviceEvent.Type.ROLLED_BACK
                        && e.getUpdateVersion().equals(UPDATE)
                        && e.getReason().contains("operator")));
    }

    @Test
    void rollBack_onTheBaseModel_isRefused() throws IOException {
        startAgent(Optional.empty());

        CommandResponse answer = ask("roll-back");

        assertThat(answer.getAccepted()).isFalse();
        assertThat(answer.getMessage()).contains("no update is in use");
    }

    @Test
    void forgetSamples_emptiesTheSpoolAndCountsWhatIsLost() throws IOException {
        settings.put("cema.frames.loop", "false");
        settings.put("cema.frames.rate", "2000");
        startAgent(Optional.empty());
        await().atMost(PATIENCE)
                .until(() -> agent.status().stream().equals("ENDED")
                        && agent.status().spool().images() > 0);
        int spooled = agent.status().spool().images();

        CommandResponse answer = ask("forget-samples");

        assertThat(answer.getMessage()).isEqualTo(spooled + " samples forgotten");
        assertThat(agent.status().spool().images()).isZero();
        assertThat(agent.status().uplink().dropped()).containsEntry("FORGOTTEN", (long) spooled);
    }

    @Test
    void restart_withASupervisor_endsTheAgentAfterTheAnswer() throws IOException {
        startAgent(Optional.of(restarts::incrementAndGet));

        assertThat(ask("restart").getAccepted()).isTrue();

        await().atMost(PATIENCE).until(() -> restarts.get() == 1);
    }

    @Test
    void restart_withoutASupervisor_isRefused() throws IOException {
        startAgent(Optional.empty());

        CommandResponse answer = ask("restart");

        assertThat(answer.getAccepted()).isFalse();
        assertThat(answer.getMessage()).contains("cema.release.supervised");
    }

    private void startAgent(Optional<Runnable> restart) throws IOException {
        agent = Agents.open(settings, engines, restart);
        agent.start();
        cloud.wish(1);
        await().atMost(PATIENCE).until(() -> cloud.reported.stream().anyMatch(r -> r.getDesiredVersion() == 1));
    }

    private CommandResponse ask(String name) {
        cloud.command(
                Command.newBuilder().setId(name).setSequence(1).setName(name).build());
        await().atMost(PATIENCE).until(() -> cloud.responses.containsKey(name));
        return cloud.responses.get(name);
    }
}
