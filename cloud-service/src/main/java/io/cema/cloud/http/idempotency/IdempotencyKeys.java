package io.cema.cloud.http.idempotency;

import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The keys of the last day and the answers kept for them. A key belongs to its caller. */
@ApplicationScoped
class IdempotencyKeys {
    private static final String LIFE = "interval '24 hours'";
    private static final String SECRET = "secret";

    private final TenantDatabase database;
    private final String tenant;

    /** @param digest SHA-256 of what was asked */
    record Key(String caller, String text, byte[] digest) {}

    /** What the key is known for. */
    sealed interface Known {
        /** Nothing until now; it is this request's from now on. */
        record New() implements Known {}

        /** The same request is at work, or its process ended before it was answered. */
        record AtWork() implements Known {}

        /** Another request. */
        record Another() implements Known {}

        record Answered(KeptAnswer answer) implements Known {}
    }

    IdempotencyKeys(TenantDatabase database, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.tenant = tenant;
    }

    /** Takes the key for this request if it is free. */
    Uni<Known> take(Key key) {
        return database.inTransaction(tenant, connection -> connection
                .query("delete from idempotency_key where created_at < now() - " + LIFE)
                .execute()
                .chain(() -> connection
                        .preparedQuery("insert into idempotency_key (tenant, caller, key, digest)"
                                + " values (current_setting('cema.tenant'), $1, $2, $3) on conflict do nothing")
                        .execute(Tuple.of(key.caller(), key.text(), Buffer.buffer(key.digest()))))
                .chain(rows -> rows.rowCount() == 1
                        ? Uni.createFrom().item((Known) new Known.New())
                        : known(connection, key)));
    }

    private static Uni<Known> known(SqlConnection connection, Key key) {
        return connection
                .preparedQuery(
                        "select digest, status, headers, body from idempotency_key where caller = $1 and key = $2")
                .execute(Tuple.of(key.caller(), key.text()))
                .map(rows -> rows.size() == 0 // released this very moment: the caller may come again
                        ? new Known.AtWork()
                        : known(rows.iterator().next(), key));
    }

    private static Known known(Row row, Key key) {
        if (!Arrays.equals(row.getBuffer("digest").getBytes(), key.digest())) {
            return new Known.Another();
        }
        if (row.getInteger("status") == null) {
            return new Known.AtWork();
        }
        JsonObject kept = row.getJsonObject("headers");
        Map<String, String> headers = new HashMap<>();
        kept.fieldNames().stream().filter(n -> !n.equals(SECRET)).forEach(n -> headers.put(n, kept.getString(n)));
        return new Known.Answered(new KeptAnswer(
                row.getInteger("status"),
                headers,
                Optional.ofNullable(row.getBuffer("body")).map(body -> body.getBytes()),
                kept.getBoolean(SECRET, false)));
    }

    Uni<Void> keep(Key key, KeptAnswer answer) {
        JsonObject headers = new JsonObject();
        answer.headers().forEach(headers::put);
        if (answer.secret()) {
            headers.put(SECRET, true);
        }
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("update idempotency_key set status = $3, headers = $4, body = $5"
                        + " where caller = $1 and key = $2 and status is null")
                .execute(Tuple.of(
                        key.caller(),
                        key.text(),
                        answer.status(),
                        headers,
                        answer.body().map(Buffer::buffer).orElse(null)))
                .replaceWithVoid());
    }

    /** Nothing was done: the same key may be used again, for the same or a corrected request. */
    Uni<Void> release(Key key) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("delete from idempotency_key where caller = $1 and key = $2 and status is null")
                .execute(Tuple.of(key.caller(), key.text()))
                .replaceWithVoid());
    }
}
