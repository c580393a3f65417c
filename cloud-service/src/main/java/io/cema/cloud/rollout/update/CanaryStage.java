package io.cema.cloud.rollout.update;

import io.cema.cloud.adaptation.CanaryPhase;
import io.cema.cloud.adaptation.CanarySettings;
import io.cema.cloud.adaptation.CohortPolicy;
import io.cema.cloud.adaptation.LoopKey;
import io.cema.cloud.event.LiveEvents;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Puts a candidate under judgement: who its canaries are, and since when. */
@ApplicationScoped
class CanaryStage implements CanaryPhase {
    private final UpdatePublisher publisher;
    private final LiveEvents events;

    CanaryStage(UpdatePublisher publisher, LiveEvents events) {
        this.publisher = publisher;
        this.events = events;
    }

    @Override
    public Uni<Void> begin(SqlConnection connection, LoopKey key, String version) {
        return settings(connection, key.cohort())
                .map(settings -> settings.orElseThrow(() -> new IllegalStateException(
                        "cohort " + key.cohort() + " has no section canary in its policy any more")))
                .chain(settings -> CohortDevices.of(connection, key.cohort())
                        .chain(devices -> choose(connection, key.cohort(), devices, settings)))
                .call(canaries -> connection
                        .preparedQuery(
                                "insert into update_rollout (tenant, version, cohort, model_digest, state, canaries)"
                                        + " values (current_setting('cema.tenant'), $1, $2, $3, 'CANARY', $4)")
                        .execute(Tuple.of(version, key.cohort(), key.modelDigest(), canaries)))
                .chain(canaries -> events.append(
                        connection,
                        "update-rollout.started",
                        "update-rollouts/" + version,
                        new JsonObject().put("cohort", key.cohort()).put("canaries", canaries)));
    }

    @Override
    public Uni<Void> none(SqlConnection connection, LoopKey key) {
        return connection
                .preparedQuery("delete from canary_device where cohort = $1")
                .execute(Tuple.of(key.cohort()))
                .replaceWithVoid();
    }

    /** Empty: the cohort has no canary phase. */
    static Uni<Optional<CanarySettings>> settings(SqlConnection connection, String cohort) {
        return connection
                .preparedQuery("select policy from cohort where id = $1")
                .execute(Tuple.of(cohort))
                .map(rows -> CohortPolicy.parse(
                                rows.iterator().next().getJsonObject("policy").encode())
                        .canary());
    }

    /** Stores who is canary, and tells those for whom that is new. Returns how many there are. */
    private Uni<Integer> choose(
            SqlConnection connection, String cohort, CohortDevices devices, CanarySettings settings) {
        int wanted = settings.of(devices.all().size());
        Set<String> chosen = CanaryChoice.of(cohort, devices.all(), devices.canaries(), wanted);
        Set<String> changed = new TreeSet<>(chosen);
        devices.canaries().forEach(canary -> {
            if (!changed.remove(canary)) {
                changed.add(canary);
            }
        });
        String[] ids = chosen.toArray(String[]::new);
        return connection
                .preparedQuery("delete from canary_device where cohort = $1 and device <> all($2)")
                .execute(Tuple.of(cohort, ids))
                .chain(() -> connection
                        .preparedQuery("insert into canary_device (tenant, cohort, device)"
                                + " select current_setting('cema.tenant'), $1, unnest($2::text[])"
                                + " on conflict do nothing")
                        .execute(Tuple.of(cohort, ids)))
                .chain(() -> publisher.tell(connection, changed))
                .replaceWith(chosen.size());
    }
}
