package io.cema.cloud.rollout.model;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.StackResource;
import io.cema.protocol.message.DeviceEvent;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What an operator does to a running rollout, and what devices do meanwhile. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class RolloutControlTest extends RolloutScene {
    @Test
    void pausedRollout_keepsItsDevicesAndGoesOnWhereItStood() {
        fleetOf(10);
        String id = start(waves(HEALTH, 86_400));
        awaitRunning(1);
        act(id, "pause");

        for (int i = 0; i < 60; i++) {
            live(WRONG_SIX_OF_TEN);
        }

        assertThat(rollout(id).getString("state")).isEqualTo("PAUSED");
        assertThat(fleet.running(model)).isEqualTo(1);
        act(id, "resume");
        liveUntil(id, WRONG_SIX_OF_TEN, "ROLLED_BACK");
        assertThat(told(id)).containsExactly("created", "started", "paused", "resumed", "rolling-back", "rolled-back");
    }

    @Test
    void pause_doesNotUseUpTheTimeLimit() {
        fleetOf(4);
        String id = start(waves(HEALTH, 3_600));
        act(id, "pause");
        execute(
                "update rollout set paused_at = now() - interval '1 day', wave_deadline = now() - interval '23 hours'"
                        + " where id = $1",
                id);

        act(id, "resume");
        tick();

        assertThat(rollout(id).getString("state")).isEqualTo("RUNNING");
    }

    @Test
    void cancelledRollout_takesEveryDeviceBack() {
        fleetOf(10);
        String id = start(waves(HEALTH, 86_400));
        awaitRunning(1);

        assertThat(act(id, "cancel").getString("state")).isEqualTo("ROLLING_BACK");
        tick();
        assertThat(rollout(id).getString("state")).isEqualTo("ROLLING_BACK");

        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            fleet.obey();
            tick();
            assertThat(rollout(id).getString("state")).isEqualTo("CANCELLED");
        });
        assertThat(fleet.running(model)).isZero();
    }

    @Test
    void deviceThatJoinsLater_getsItsWaveAndStaysThere() {
        fleetOf(10);
        String id = start(waves(HEALTH, 86_400));
        String late = "late-" + cohort;
        fleet.add(late, this::connect);
        given().put("/api/v1/cohorts/{id}/devices/{device}", cohort, late)
                .then()
                .statusCode(200);

        tick();
        tick();

        List<Map<String, Object>> places = devices(id).getList("items.findAll { it.device == '" + late + "' }");
        assertThat(places).hasSize(1);
        assertThat(places.get(0))
                .containsEntry("active", places.get(0).get("wave").equals(0));
    }

    @Test
    void deviceThatLeavesTheModelByItself_hasFailed() {
        fleetOf(10);
        String id = start(waves(HEALTH, 86_400));
        awaitRunning(1);

        fleet.tellAll(DeviceEvent.Type.ROLLED_BACK, model, "the watchdog bit");

        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            tick();
            assertThat(rollout(id).getInt("progress[0].failed")).isEqualTo(1);
        });
    }
}
