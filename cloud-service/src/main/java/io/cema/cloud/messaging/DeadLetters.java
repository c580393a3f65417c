package io.cema.cloud.messaging;

import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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

    /** Those with a number below {@code before}, newest first. */
    Uni<List<DeadLetterView>> list(SqlConnection connection, Optional<String> device, long before, int limit) {
        return connection
                .preparedQuery("select id, topic, device, sample_id, reason, coalesce(length(payload), 0) as kept,"
                        + " received_at from dead_letter where ($1::text is null or device = $1) and id < $2"
                        + " order by id desc limit $3")
                .execute(Tuple.of(device.orElse(null), before, limit))
                .map(rows -> {
                    List<DeadLetterView> letters = new ArrayList<>();
                    rows.forEach(row -> letters.add(new DeadLetterView(
                            row.getLong("id"),
                            row.getString("topic"),
                            Optional.ofNullable(row.getString("device")),
                            Optional.ofNullable(row.getString("sample_id")),
                            row.getString("reason"),
                            row.getInteger("kept"),
                            row.getOffsetDateTime("received_at").toInstant())));
                    return letters;
                });
    }
}
