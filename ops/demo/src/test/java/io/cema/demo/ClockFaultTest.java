package io.cema.demo;

import static io.cema.demo.AgentUnderTest.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A clock that leaps a year ahead and then a year behind where certificates are judged by it: the agent's, and the cloud
 * service's. By libfaketime, of the one process alone; time that only passes stays true, as it does on a machine.
 */
@Tag("process")
@Tag("long")
class ClockFaultTest {
    private static final String CAMERA = "cam-1";
    private static final String LATE_CAMERA = "cam-2";
    private static final List<String> LEAPS = List.of("+365d", "-365d");
    private static final Pattern TOLD = Pattern.compile("machine's clock shows");

    @TempDir
    Path folder;

    private ProcessFleet fleet;
    private ShiftedClock clock;

    @BeforeEach
    void setClock() throws IOException {
        clock = ShiftedClock.by(folder.resolve("shift"));
    }

    @AfterEach
    void endFleet() throws Exception {
        if (fleet != null) {
            fleet.close();
        }
    }

    @Test
    void enrolledAgent_keepsCertificateAndConnections_andIsUpdated() throws Exception {
        fleet = ProcessFleet.withCertificates(folder, List.of(CAMERA), List.of(), Map.of());
        AgentUnderTest agent = new AgentUnderTest(
                fleet, fleet.stream("fog:4,night:4", 400).agents().get(0));
        agent.start(clock.prefix(), Map.of("cema.enrol.claim", fleet.claim(CAMERA)));
        agent.awaitUpdateAbove(0);
        String certificate = certificate();

        for (String leap : LEAPS) {
            long before = told(CAMERA);
            clock.leap(leap);
            agent.awaitFrames();
            // By name: after the first leap it has several models.
            assertThat(agent.classified("?model=edge")).isEqualTo(200);
            agent.awaitUpdateAbove(revision(agent));
            assertThat(told(CAMERA) - before).as("said once").isEqualTo(1);

            agent.kill();
            agent.start(clock.prefix(), Map.of());
            await("it is back, by mutual TLS").atMost(PATIENCE).until(() -> connected(agent));
            downloadAnother(agent, "model" + LEAPS.indexOf(leap));
            agent.awaitUpdateAbove(revision(agent));
            assertThat(certificate()).as("after %s", leap).isEqualTo(certificate);
            assertThat(fleet.query("select serial from device_certificate")).hasSize(1);
            assertThat(told(CAMERA) - before).as("said once by each").isEqualTo(2);
        }

        clock.leap("+0");
        agent.awaitAcknowledged();
        agent.awaitUpdateAbove(revision(agent));
        assertThat(agent.problem()).isEmpty();
        assertThat(fleet.log(CAMERA)).doesNotContain("renewed", "cannot be renewed", "cannot be downloaded");
    }

    @Test
    void cloud_erasesNothing_issuesWhatHolds_andKeepsItsLoop() throws Exception {
        fleet = ProcessFleet.withCertificates(
                folder,
                List.of(CAMERA, LATE_CAMERA),
                clock.prefix(),
                Map.of(
                        "cema.samples.expiry-interval", "PT2S",
                        "cema.commands.pruning-interval", "PT2S",
                        "cema.drift.interval", "PT2S",
                        "cema.security.revocation-list-refresh", "PT2S"));
        DemoStream frames = fleet.stream("fog:4,night:4", 400);
        AgentUnderTest agent = new AgentUnderTest(fleet, frames.agents().get(0));
        agent.start(List.of(), Map.of("cema.enrol.claim", fleet.claim(CAMERA)));
        agent.awaitUpdateAbove(0);
        fleet.execute("insert into device_command (tenant, id, device, sequence, name, state, expires_at, ended_at)"
                + " values ('default', '01J00000000000000000000000', '" + CAMERA
                + "', 1000, 'n', 'ACCEPTED', now(), now())");
        Set<String> samples = fleet.durableSamples();
        String fencing = fencing();
        AgentUnderTest late = new AgentUnderTest(fleet, frames.agents().get(1));

        for (String leap : LEAPS) {
            long before = told("cloud");
            clock.leap(leap);
            await("it is said").atMost(PATIENCE).until(() -> told("cloud") == before + 1);
            agent.awaitAcknowledged();
            agent.awaitUpdateAbove(revision(agent));
            assertThat(fencing()).as("whose loop it is after %s", leap).isEqualTo(fencing);
            assertKept(samples);
            assertDatesAreRight();
            assertDevicesClockIsRight();
        }

        // Enrolled under a clock a year behind, by a service that was started with it.
        fleet.kill("cloud");
        fleet.startCloud();
        late.start(List.of(), Map.of("cema.enrol.claim", fleet.claim(LATE_CAMERA)));
        late.awaitUpdateAbove(0);
        clock.leap("+365d");
        downloadAnother(late, "another");
        fleet.kill("cloud");
        fleet.startCloud();
        agent.awaitUpdateAbove(revision(agent));
        assertKept(samples);
        assertDatesAreRight();

        clock.leap("+0");
        await("it is over").atMost(PATIENCE).until(() -> fleet.log("cloud").contains("clock is right again"));
        agent.awaitUpdateAbove(revision(agent));
        late.awaitUpdateAbove(revision(late));
        assertKept(samples);
    }

    private void assertKept(Set<String> samples) throws Exception {
        Set<String> gone = new HashSet<>(samples);
        gone.removeAll(fleet.durableSamples());
        assertThat(gone).as("acknowledged samples that were erased").isEmpty();
        assertThat(fleet.query("select id from device_command")).as("commands").isNotEmpty();
        assertThat(fleet.query("select type || ' ' || subject from alarm where type = 'DEVICES_AWAY'"))
                .as("alarms")
                .isEmpty();
        assertThat(fleet.query("select id from device where silent")).isEmpty();
    }

    private void assertDatesAreRight() throws Exception {
        assertThat(fleet.query(
                        "select serial from device_certificate where now() not between not_before and not_after"))
                .as("certificates that do not hold")
                .isEmpty();
        assertThat(fleet.query(
                        "select device || cohort from drift_stream where observed_at > now() + interval '1 minute'"
                                + " or observed_at < now() - interval '1 day'"))
                .as("observations of another time")
                .isEmpty();
        JsonNode claim = fleet.ask("POST", "/api/v1/claims", "{\"device\": \"nobody\"}");
        assertThat(Instant.parse(claim.path("expiry").asText()))
                .isBetween(
                        Instant.now().plus(Duration.ofHours(23)), Instant.now().plus(Duration.ofHours(25)));
    }

    /** By the next telemetry that comes: the clock that is off is not the device's. */
    private void assertDevicesClockIsRight() throws Exception {
        String newest = "select telemetry->>'sequence' from device where id = '" + CAMERA + "'";
        List<String> before = fleet.query(newest);
        await("telemetry").atMost(PATIENCE).until(() -> !fleet.query(newest).equals(before));
        String ahead = fleet.query("select telemetry->>'clockAheadMillis' from device where id = '" + CAMERA + "'")
                .get(0);
        assertThat(Long.parseLong(ahead))
                .as("milliseconds by which the device's clock is said to be ahead")
                .isBetween(-60_000L, 60_000L);
    }

    /** Gives it a further model, which it has to fetch from the cloud over HTTPS. */
    private void downloadAnother(AgentUnderTest agent, String name) throws Exception {
        fleet.furtherCohort(name);
        fleet.ask("PUT", "/api/v1/devices/" + agent.device() + "/slots/" + name);
        await("it serves " + name)
                .atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(IOException.class) // until it has the model
                .until(() -> !agent.inferred(name)
                        .path("outputs")
                        .path(0)
                        .path("data")
                        .isEmpty());
    }

    private String certificate() throws IOException {
        return Files.readString(folder.resolve(CAMERA).resolve("certificate/device.pem"));
    }

    private String fencing() throws Exception {
        return fleet.query("select holder || ' ' || fencing from adaptation_loop where cohort = 'tested'")
                .get(0);
    }

    private static long revision(AgentUnderTest agent) {
        return agent.status().path("revision").asLong();
    }

    private static boolean connected(AgentUnderTest agent) {
        return agent.status().path("connected").asBoolean();
    }

    private long told(String process) throws IOException {
        return TOLD.matcher(fleet.log(process)).results().count();
    }
}
