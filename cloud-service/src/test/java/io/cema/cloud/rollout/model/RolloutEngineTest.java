package io.cema.cloud.rollout.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.cloud.StackResource;
import io.cema.cloud.persistence.SchemaReady;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Replicas, a process that ends at a bad moment, and ground that is pulled away. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class RolloutEngineTest extends RolloutScene {
    @Inject
    RolloutTransitions transitions;

    @Inject
    RolloutRepository repository;

    @Inject
    DeviceStates states;

    @Inject
    RolloutHealth health;

    @Inject
    RolloutJournal journal;

    @Test
    void twoEngines_beginEachWaveOnce() {
        fleetOf(10);
        String id = start(waves(Map.of("minimumSamples", 10, "margin", 0.3), 86_400));

        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            fleet.live(model);
            score(AGREES_ALWAYS);
            Uni.join()
                    .all(engine.tick(), engine.tick(), engine.tick())
                    .andFailFast()
                    .await()
                    .atMost(PATIENCE);
            assertThat(rollout(id).getString("state")).isEqualTo("SUCCEEDED");
        });

        assertThat(told(id)).containsExactly("created", "started", "advanced", "advanced", "succeeded");
    }

    @Test
    void processThatEndsInTheMiddleOfAWaveChange_leavesTheStateBefore() {
        fleetOf(10);
        String id = start(waves(HEALTH, 86_400));

        assertThatThrownBy(() -> database.inTransaction("default", c -> repository
                                .lock(c, id)
                                .chain(held -> transitions.advance(c, held, "by hand"))
                                .chain(() ->
                                        Uni.createFrom().<Void>failure(new IllegalStateException("the process ends"))))
                        .await()
                        .atMost(PATIENCE))
                .hasMessageContaining("the process ends");

        assertThat(rollout(id).getInt("wave")).isZero();
        assertThat(count("select count(*) from rollout_device where rollout = $1 and active", id))
                .isEqualTo(1);
        liveUntil(id, AGREES_ALWAYS, "SUCCEEDED");
    }

    @Test
    void processStartedAnew_goesOnInTheMiddleOfAWave() {
        fleetOf(10);
        String id = start(waves(Map.of("minimumSamples", 10, "margin", 0.3), 86_400));
        liveUntil(() -> rollout(id).getInt("wave") == 1, AGREES_ALWAYS);
        RolloutEngine another = anotherProcess();

        another.onSchemaReady(new SchemaReady());

        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            fleet.live(model);
            score(AGREES_ALWAYS);
            assertThat(rollout(id).getString("state")).isEqualTo("SUCCEEDED");
        });
        another.onShutdown(new ShutdownEvent());
        assertThat(told(id)).containsExactly("created", "started", "advanced", "advanced", "succeeded");
    }

    /** With a clock of its own, and nothing of what another engine may remember. */
    private RolloutEngine anotherProcess() {
        RolloutSettings settings = new RolloutSettings() {
            @Override
            public boolean enabled() {
                return true;
            }

            @Override
            public Duration tick() {
                return Duration.ofMillis(200);
            }

            @Override
            public Duration referenceAge() {
                return Duration.ofDays(7);
            }
        };
        return new RolloutEngine(database, repository, states, health, transitions, journal, settings, "default");
    }

    @Test
    void pairChangedByAnother_failsTheRolloutAndFreesItsDevices() {
        fleetOf(4);
        String id = start(waves(HEALTH, 86_400));
        pair(cohort + "-third", 3);
        execute("update cohort set pair = $1 where id = $2", cohort + "-third", cohort);

        tick();

        assertThat(rollout(id).getString("state")).isEqualTo("FAILED");
        assertThat(count("select count(*) from rollout_device where rollout = $1 and active", id))
                .isZero();
    }

    @Test
    void wavesThatCannotBeReadAnyMore_failTheRollout() {
        fleetOf(4);
        String id = start(waves(HEALTH, 86_400));
        execute("update rollout set waves = '[{\"name\": \"x\", \"unknown\": 1}]' where id = $1", id);

        tick();

        assertThat(rollout(id).getString("state")).isEqualTo("FAILED");
    }
}
