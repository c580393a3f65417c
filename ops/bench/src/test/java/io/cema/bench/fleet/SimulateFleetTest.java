package io.cema.bench.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command with few devices, so that it is there when a fleet is to be measured; what it measures says nothing here. */
class SimulateFleetTest {
    @TempDir
    Path out;

    @Test
    void every_device_of_a_small_fleet_is_seen_rightly_and_no_acknowledged_sample_is_lost() throws Exception {
        for (String built :
                new String[] {"cloud-service/target/quarkus-app/quarkus-run.jar", "ops/local-stack/target/lib"}) {
            Assumptions.assumeTrue(
                    Files.exists(SimulateFleet.root().resolve(built)),
                    "skipped: " + built + " is missing; `mvn package` makes it");
        }

        int status = new CommandLine(new SimulateFleet())
                .execute(
                        "--devices=50",
                        "--connect-rate=200",
                        "--telemetry-interval=2",
                        "--steady-seconds=2",
                        "--will-delay=1",
                        "--lost-share=0.2",
                        "--ingest-rates=50",
                        "--step-seconds=2",
                        "--broker-heap=256m",
                        "--cloud-heap=512m",
                        "--skip=update",
                        "--out=" + out);

        JsonNode report = new ObjectMapper().readTree(out.resolve("report.json").toFile());
        assertThat(report.path("faults")).isEmpty();
        assertThat(report.path("phases").findValuesAsText("phase"))
                .containsExactly(
                        "register",
                        "connect",
                        "telemetry alone",
                        "desired state",
                        "rollback",
                        "loss of 10 devices",
                        "broker restart",
                        "ingest");
        assertThat(status).isZero();
    }
}
