package io.cema.cloud.messaging;

import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;

/** The table of dead letters. */
@ApplicationScoped
public class DeadLetters {
    /** Stores it in the caller's transaction, under that transaction's tenant. */
    public Uni<Void> store(SqlConnection connection, DeadLetter letter) {
        return connection
                .preparedQuery("insert into dead_letter (tenant, topic, device, sample_id, reason, payload)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3, $4, $5)")
                .execute(Tuple.of(
                        letter.topic(),
                        letter.device().orElse(null),
                        letter.sampleId().orElse(null),
                        letter.reason(),
                        Buffer.buffer(letter.payload())))
                .replaceWithVoid();
    }
}
