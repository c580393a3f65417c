package io.cema.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real processes, killed with {@code kill -9} one after the other in mid-run: cloud service, broker, an agent. What
 * was acknowledged stays, nothing is trained on twice, agents serve throughout, and updates flow again afterwards.
 */
@Tag("process")
class CrashRecoveryTest {
    private static final List<String> DEVICES = List.of("cam-1", "cam-2");
    private static final int FRAMES_PER_AGENT = 2400;
    private static final double RATE = 20;
    /** Of what is left of the stream when all that is to be killed was killed. */
    private static final double FASTER = 100;

    @TempDir
    Path folder;

    private ProcessFleet fleet;

    @AfterEach
    void endAll() throws Exception {
        if (fleet != null) {
            fleet.close();
        }
    }

    @Test
    void allComeBack_nothingAcknowledgedIsLost_nothingIsTrainedTwice() throws Exception {
        fleet = new ProcessFleet(folder, DEVICES);
        DemoStream stream = fleet.stream("fog:4", FRAMES_PER_AGENT);
        Map<String, String> traced =
                Map.of("cema.tracing.endpoint", fleet.traces().endpoint().toString(), "cema.tracing.ratio", "1");
        for (AgentStream agent : stream.agents()) {
            fleet.startAgent(agent, RATE, List.of(), traced);
        }
        await("a first update is applied by every agent")
                .atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> {
                    for (String device : DEVICES) {
                        assertThat(fleet.applied(device)).as(device).isNotEmpty();
                    }
                });

        await("a trace leads from a frame to the swap of the update that it led to")
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(fleet.traces().longestWayOfAFrame())
                        .contains("frame", "upload", "ingest", "train", "gate", "publish", "update", "shadow", "swap"));

        fleet.kill("cloud");
        long revisionBefore = fleet.newestRevision();
        Thread.sleep(3000);
        fleet.startCloud();

        fleet.stack().killBroker();
        Thread.sleep(3000);
        fleet.stack().startBroker();

        fleet.kill("cam-1");
        Thread.sleep(1000);
        int before = fleet.acknowledged().size();
        fleet.startAgent(stream.agents().get(0), RATE);
        await("samples are acknowledged again")
                .atMost(Duration.ofSeconds(60))
                .until(() -> fleet.acknowledged().size() > before);
        for (AgentStream agent : stream.agents()) {
            fleet.stop(agent.device());
            fleet.startAgent(agent, FASTER); // goes on where it stopped
        }

        await("every frame is answered and every spool is empty")
                .atMost(Duration.ofSeconds(180))
                .pollInterval(Duration.ofSeconds(1))
                .ignoreExceptionsInstanceOf(IOException.class) // until they listen
                .untilAsserted(() -> {
                    for (String device : DEVICES) {
                        // A frame that the agent died over is not tried again, see FramePosition.
                        int inWork = device.equals("cam-1") ? 1 : 0;
                        assertThat(fleet.framesSeen(device))
                                .as("%s: frames answered", device)
                                .hasSizeBetween(FRAMES_PER_AGENT - inWork, FRAMES_PER_AGENT);
                        assertThat(fleet.status(device)
                                        .path("spool")
                                        .path("images")
                                        .asLong(-1))
                                .as("%s: images in the spool", device)
                                .isZero();
                    }
                });

        await("the loop goes on above revision " + revisionBefore)
                .atMost(Duration.ofSeconds(60))
                .until(() -> fleet.newestRevision() > revisionBefore);

        await("every agent runs the newest update")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> {
                    for (String device : DEVICES) {
                        assertThat(fleet.status(device).path("revision").asLong(-1))
                                .as(device)
                                .isEqualTo(fleet.newestRevision());
                    }
                });
        Set<String> durable = fleet.durableSamples();
        assertThat(fleet.acknowledged()).as("acknowledged samples").isNotEmpty();
        assertThat(durable).as("samples in the replay store").containsAll(fleet.acknowledged());
        assertThat(fleet.trainedTwice()).as("samples taken as new by two steps").isEmpty();
    }
}
