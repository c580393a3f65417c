package io.cema.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two agents behind a bad link, in a network namespace of their own: packets are lost and late, the link is cut without a
 * word, then it is as thin as a modem. They serve throughout, keep to their budget, and in the end everything is where it
 * belongs, once and in order.
 */
@Tag("process")
class NetworkFaultTest {
    private static final String FREE = "cam-1";
    private static final String THRIFTY = "cam-2";
    private static final List<String> DEVICES = List.of(FREE, THRIFTY);
    private static final int FRAMES_PER_AGENT = 900;
    private static final double RATE = 12;
    private static final long BUDGET = 100_000;

    @TempDir
    Path folder;

    private ProcessFleet fleet;
    private FaultyNetwork network;
    private SlowProxy broker;
    private SlowProxy cloud;

    @AfterEach
    void endAll() throws Exception {
        for (AutoCloseable one : new AutoCloseable[] {fleet, broker, cloud, network}) {
            if (one != null) {
                one.close();
            }
        }
    }

    @Test
    void lossDelayPartitionAndAThinLink_leaveNothingLost_nothingTwice_nothingOutOfOrder() throws Exception {
        String missing = FaultyNetwork.missing().orElse("");
        assumeThat(missing).as("a faulty network can be made").isEmpty();
        network = new FaultyNetwork();
        fleet = new ProcessFleet(folder, DEVICES);
        broker = new SlowProxy(FaultyNetwork.NEAR, fleet.stack().brokerPort());
        cloud = new SlowProxy(FaultyNetwork.NEAR, fleet.port("cloud"));
        DemoStream stream = fleet.stream("fog:4", FRAMES_PER_AGENT);
        startAgent(stream.agents().get(0), Map.of());
        startAgent(stream.agents().get(1), Map.of("cema.uplink.bytes-per-hour", Long.toString(BUDGET)));
        await("a first update is applied by every agent")
                .atMost(Duration.ofSeconds(120))
                .untilAsserted(() -> {
                    for (String device : DEVICES) {
                        assertThat(fleet.applied(device)).as(device).isNotEmpty();
                    }
                });

        network.lose(8);
        broker.delay(150);
        framesGoOnFor(12);
        broker.delay(0);
        network.loseNothing();

        network.cut();
        framesGoOnFor(12);
        network.loseNothing();

        network.throttle(64);
        framesGoOnFor(15);
        network.throttleNothing();

        await("every frame is answered, and what may go up has gone up")
                .atMost(Duration.ofSeconds(180))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> {
                    for (String device : DEVICES) {
                        assertThat(fleet.framesSeen(device)).as(device).hasSize(FRAMES_PER_AGENT);
                    }
                    assertThat(status(FREE).path("spool").path("images").asLong(-1))
                            .as("images in the spool of the agent without a budget")
                            .isZero();
                    assertThat(status(THRIFTY).path("uplink").path("hold").asText())
                            .as("what holds the other one's spool")
                            .isEqualTo("BUDGET");
                });
        await("every agent runs the newest update")
                .atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> {
                    for (String device : DEVICES) {
                        assertThat(status(device).path("revision").asLong(-1))
                                .as(device)
                                .isEqualTo(fleet.newestRevision());
                    }
                });

        Set<String> durable = fleet.durableSamples();
        assertThat(fleet.acknowledged()).as("acknowledged samples").isNotEmpty();
        assertThat(durable).as("samples in the replay store").containsAll(fleet.acknowledged());
        assertThat(durable.stream().filter(sample -> sample.startsWith(FREE)).collect(Collectors.toSet()))
                .as("samples of the agent whose spool is empty: one row for each that it was told is durable")
                .hasSize(status(FREE).path("acknowledged").asInt(-1));
        assertThat(fleet.trainedTwice()).as("samples taken as new by two steps").isEmpty();
        assertThat(status(THRIFTY).path("uploaded_bytes").asLong())
                .as("bytes of the agent with a budget")
                .isPositive()
                .isLessThanOrEqualTo(BUDGET);
        for (String device : DEVICES) {
            assertThat(fleet.applied(device).stream()
                            .map(event -> event.path("revision").asLong())
                            .toList())
                    .as("%s: revisions in the order of their swaps", device)
                    .isSorted();
        }
        assertThat(fleet.query("select online from device order by id")).containsExactly("ONLINE", "ONLINE");
    }

    /** The device answers on, whatever the link does. */
    private void framesGoOnFor(int seconds) throws Exception {
        int before = fleet.framesSeen(FREE).size();
        Thread.sleep(seconds * 1_000L);
        assertThat(fleet.framesSeen(FREE).size())
                .as("frames answered while the link was bad")
                .isGreaterThan(before + seconds);
    }

    private void startAgent(AgentStream agent, Map<String, String> further) throws IOException {
        Map<String, String> settings = new java.util.HashMap<>(Map.of(
                "cema.mqtt.host",
                FaultyNetwork.NEAR,
                "cema.mqtt.port",
                Integer.toString(broker.port()),
                "cema.cloud.url",
                "http://" + FaultyNetwork.NEAR + ":" + cloud.port(),
                "cema.cloud.plain-http",
                "anywhere",
                "quarkus.http.host",
                "0.0.0.0"));
        settings.putAll(further);
        fleet.startAgent(agent, RATE, network.prefix(), settings);
    }

    private JsonNode status(String device) throws IOException {
        return new ObjectMapper()
                .readTree(URI.create("http://" + FaultyNetwork.FAR + ":" + fleet.port(device) + "/v2/cema/status")
                        .toURL());
    }
}
