package io.cema.cloud.rollout.update;

import io.cema.cloud.adaptation.LoopKey;
import io.cema.cloud.adaptation.NewVersion;
import io.cema.cloud.fleet.DesiredStates;
import io.cema.cloud.messaging.Outbox;
import io.cema.cloud.persistence.OneByOne;
import io.cema.protocol.topic.Topics;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Publishes a version once more, as a new revision. In the caller's transaction, which holds the loop's row. */
@ApplicationScoped
class UpdatePublisher {
    private final Outbox outbox;
    private final DesiredStates desired;

    UpdatePublisher(Outbox outbox, DesiredStates desired) {
        this.outbox = outbox;
        this.desired = desired;
    }

    /**
     * @param recalled devices that must leave what they run now, whatever they think of this version: their desired state
     *     goes down before it and raises the floor to just below it, so they fall back on the registered model if need be
     */
    Uni<Void> publish(
            SqlConnection connection, LoopKey key, String version, String channel, Collection<String> recalled) {
        return connection
                .preparedQuery("with next as (update adaptation_loop set next_revision = next_revision + 1"
                        + " where cohort = $1 and model_digest = $2"
                        + " returning tenant, next_revision - 1 as revision, (select epoch from system_state) as epoch)"
                        + " insert into publication (tenant, cohort, model_digest, epoch, revision, channel, version)"
                        + " select tenant, $1, $2, epoch, revision, $3, $4 from next returning epoch, revision")
                .execute(Tuple.of(key.cohort(), key.modelDigest(), channel, version))
                .map(rows -> rows.iterator().next())
                .call(() -> tell(connection, recalled))
                .chain(order -> content(connection, version)
                        .chain(content -> outbox.enqueue(
                                connection,
                                Topics.update(key.tenant(), key.cohort(), key.modelDigest(), channel),
                                content.message(key, channel, order.getLong("epoch"), order.getLong("revision")),
                                true)));
    }

    /** Sends these devices their desired state. */
    Uni<Void> tell(SqlConnection connection, Collection<String> devices) {
        return OneByOne.each(List.copyOf(devices), device -> desired.publish(connection, device));
    }

    private static Uni<NewVersion> content(SqlConnection connection, String version) {
        return connection
                .preparedQuery(
                        "select step, teacher_digest, affine, trace_parent from affine_version where version = $1")
                .execute(Tuple.of(version))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    return new NewVersion(
                            version,
                            Optional.empty(),
                            row.getLong("step"),
                            0,
                            0,
                            0,
                            row.getString("teacher_digest"),
                            Optional.ofNullable(row.getBuffer("affine")).map(affine -> affine.getBytes()),
                            "",
                            "{}",
                            row.getString("trace_parent"));
                });
    }
}
