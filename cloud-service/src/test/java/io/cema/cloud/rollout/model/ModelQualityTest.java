package io.cema.cloud.rollout.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.StackResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What becomes of good and bad models on fifty devices with real MQTT sessions; the teacher's opinion is written by hand. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class ModelQualityTest extends RolloutScene {
    @Test
    void worseModel_isStoppedInTheCanaryWaveAndNoDeviceIsLeftOnIt() {
        fleetOf(50);
        String id = start(waves(HEALTH, 86_400));

        liveUntil(id, WRONG_SIX_OF_TEN, "ROLLED_BACK");

        JsonPath rollout = rollout(id);
        assertThat(rollout.getInt("wave")).isZero();
        assertThat(rollout.getString("reason")).contains("wave canary").contains("WORSE");
        assertThat(fleet.desiring(model)).isZero();
        assertThat(fleet.running(model)).isZero();
        assertThat(fleet.running(former)).isEqualTo(50);
        assertThat(reporting(model)).isZero();
        assertThat(reporting(former)).isEqualTo(50);
        assertThat(pairOfCohort()).isEqualTo(cohort);
        assertThat(told(id)).containsExactly("created", "started", "rolling-back", "rolled-back");
    }

    @Test
    void goodModel_passesEveryWaveAndBecomesTheCohorts() {
        fleetOf(50);
        String id = start(waves(HEALTH, 86_400));
        fleet.obey();
        assertThat(rollout(id).getInt("progress[0].active")).isEqualTo(5);

        liveUntil(id, AGREES_ALWAYS, "SUCCEEDED");

        assertThat(rollout(id).getInt("wave")).isEqualTo(2);
        assertThat(pairOfCohort()).isEqualTo(cohort + "-new");
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            fleet.obey();
            assertThat(fleet.running(model)).isEqualTo(50);
            assertThat(reporting(model)).isEqualTo(50);
        });
        assertThat(count("select count(*) from rollout_device where rollout = $1 and active", id))
                .isZero();
        assertThat(told(id)).containsExactly("created", "started", "advanced", "advanced", "succeeded");
        assertThat(audited(id)).containsExactlyInAnyOrder("ADVANCED", "ADVANCED", "SUCCEEDED");
    }

    @Test
    void modelThatDevicesCannotTake_isRolledBackWithTheirReason() {
        fleetOf(20);
        fleet.manner(model, ModelFleet.Manner.FAILS);
        String id = start(waves(HEALTH, 86_400));

        liveUntil(id, AGREES_ALWAYS, "ROLLED_BACK");

        assertThat(rollout(id).getString("reason")).contains("2 of 2 devices failed");
        List<Map<String, Object>> failed = devices(id).getList("items.findAll { it.state == 'FAILED' }");
        assertThat(failed).hasSize(2).allSatisfy(d -> assertThat(d).containsEntry("reason", "the engine refuses it"));
        assertThat(fleet.desiring(model)).isZero();
        assertThat(reporting(former)).isEqualTo(20);
    }

    @Test
    void modelThatMakesDevicesSlow_isRolledBackWhereTheWaveLooksAtLatency() {
        fleetOf(20);
        fleet.manner(model, ModelFleet.Manner.SLOW);
        live(AGREES_ALWAYS);
        String id = start(waves(Map.of("minimumSamples", 20, "margin", 0.3, "latencyLimit", 1.5), 86_400));

        liveUntil(id, AGREES_ALWAYS, "ROLLED_BACK");

        assertThat(rollout(id).getString("reason")).contains("latency");
    }

    @Test
    void waveWithoutJudgedUploads_isRolledBackAtItsTimeLimit() {
        fleetOf(10);
        String id = start(waves(HEALTH, 1));

        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            fleet.obey();
            tick();
            assertThat(rollout(id).getString("state")).isEqualTo("ROLLED_BACK");
        });

        assertThat(rollout(id).getString("reason")).contains("undecided after its time limit of 1 s");
        assertThat(fleet.running(model)).isZero();
    }

    @Test
    void updatesOfTheFormerModel_areNotTakenForTheNewOnes() {
        fleetOf(4);
        execute(
                "insert into affine_version (tenant, version, cohort, model_digest, step, teacher_digest, verdict, fencing)"
                        + " values ('default', $1, $2, $3, 1, 't', 'PUBLISHED', 1)",
                "v-" + cohort,
                cohort,
                former);
        execute(
                "insert into publication (tenant, cohort, model_digest, epoch, revision, channel, version)"
                        + " values ('default', $2, $3, 1, 9, 'stable', $1)",
                "v-" + cohort,
                cohort,
                former);

        start(List.of(Map.of("name", "all", "percent", 100)));

        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(fleet.floors(model))
                .containsOnly(0L));
        assertThat(count("select count(*) from adaptation_loop where cohort = $1", cohort))
                .isEqualTo(2);
    }
}
