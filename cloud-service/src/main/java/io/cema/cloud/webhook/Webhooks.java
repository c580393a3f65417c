package io.cema.cloud.webhook;

import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.cloud.alarm.AlarmSubject;
import io.cema.cloud.alarm.AlarmType;
import io.cema.cloud.alarm.Alarms;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The webhooks, as operators make them and look at them. */
@ApplicationScoped
class Webhooks {
    static final String TEST = "webhook.test";

    private static final String SELECT = "select w.id, w.url, w.events, w.description, w.created_at,"
            + " (select count(*) from webhook_delivery d where d.webhook = w.id and d.state = 'PENDING') as pending,"
            + " (select count(*) from webhook_delivery d where d.webhook = w.id and d.state = 'DEAD') as dead,"
            + " (select max(ended_at) from webhook_delivery d where d.webhook = w.id and d.state = 'DELIVERED')"
            + " as delivered_at from webhook w";

    private final TenantDatabase database;
    private final Alarms alarms;
    private final String tenant;

    Webhooks(TenantDatabase database, Alarms alarms, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.alarms = alarms;
        this.tenant = tenant;
    }

    static AlarmSubject alarm(String id) {
        return AlarmSubject.thing(AlarmType.WEBHOOK_FAILING, "webhooks/" + id);
    }

    Uni<CreatedWebhook> create(NewWebhook wanted) {
        String id = UlidCreator.getMonotonicUlid().toString();
        byte[] secret = WebhookSignature.newSecret();
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("insert into webhook (tenant, id, url, events, description, secret)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3, $4, $5)")
                .execute(Tuple.of(
                        id,
                        wanted.url(),
                        wanted.events().toArray(String[]::new),
                        Optional.ofNullable(wanted.description()).orElse(""),
                        Buffer.buffer(secret)))
                .chain(() -> find(connection, id))
                .map(view -> new CreatedWebhook(view, WebhookSignature.text(secret))));
    }

    Uni<List<WebhookView>> list(int limit, int offset) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery(SELECT + " order by w.id limit $1 offset $2")
                .execute(Tuple.of(limit, offset))
                .map(rows -> {
                    List<WebhookView> views = new ArrayList<>();
                    rows.forEach(row -> views.add(view(row)));
                    return views;
                }));
    }

    /** Fails with 404. */
    Uni<WebhookView> find(String id) {
        return database.inTransaction(tenant, connection -> find(connection, id));
    }

    /** With all that waits for it; fails with 404. */
    Uni<Void> delete(String id) {
        return database.inTransaction(tenant, connection -> find(connection, id)
                .chain(() -> connection
                        .preparedQuery("delete from webhook where id = $1")
                        .execute(Tuple.of(id)))
                .chain(() -> alarms.clear(connection, alarm(id), "the webhook was deleted")));
    }

    /** Tells it something of no consequence; fails with 404. */
    Uni<DeliveryView> test(String id) {
        String delivery = "msg_" + UUID.randomUUID().toString().replace("-", "");
        JsonObject payload = new JsonObject()
                .put("type", TEST)
                .put("subject", "webhooks/" + id)
                .put("timestamp", Instant.now().atOffset(ZoneOffset.UTC).toString())
                .put("data", new JsonObject());
        return database.inTransaction(tenant, connection -> find(connection, id)
                .chain(() -> connection
                        .preparedQuery("insert into webhook_delivery (tenant, id, webhook, event_type, payload)"
                                + " values (current_setting('cema.tenant'), $1, $2, $3, $4) returning *")
                        .execute(Tuple.of(delivery, id, TEST, payload)))
                .map(rows -> delivery(rows.iterator().next())));
    }

    /** Those with an ordinal below {@code before}, newest first; fails with 404. */
    Uni<List<DeliveryView>> deliveries(String id, Optional<DeliveryView.State> state, long before, int limit) {
        return database.inTransaction(tenant, connection -> find(connection, id)
                .chain(() -> connection
                        .preparedQuery("select * from webhook_delivery where webhook = $1 and ordinal < $2"
                                + " and ($3::text is null or state = $3) order by ordinal desc limit $4")
                        .execute(Tuple.of(id, before, state.map(Enum::name).orElse(null), limit)))
                .map(rows -> {
                    List<DeliveryView> views = new ArrayList<>();
                    rows.forEach(row -> views.add(delivery(row)));
                    return views;
                }));
    }

    private static Uni<WebhookView> find(SqlConnection connection, String id) {
        return connection
                .preparedQuery(SELECT + " where w.id = $1")
                .execute(Tuple.of(id))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.notFound("there is no webhook " + id);
                    }
                    return view(rows.iterator().next());
                });
    }

    private static WebhookView view(Row row) {
        return new WebhookView(
                row.getString("id"),
                row.getString("url"),
                List.of(row.getArrayOfStrings("events")),
                row.getString("description"),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getLong("pending"),
                row.getLong("dead"),
                time(row, "delivered_at"));
    }

    private static DeliveryView delivery(Row row) {
        DeliveryView.State state = DeliveryView.State.valueOf(row.getString("state"));
        return new DeliveryView(
                row.getString("id"),
                row.getLong("ordinal"),
                row.getString("event_type"),
                row.getJsonObject("payload").getMap(),
                state,
                row.getInteger("attempts"),
                row.getOffsetDateTime("created_at").toInstant(),
                state == DeliveryView.State.PENDING ? time(row, "next_at") : Optional.empty(),
                time(row, "ended_at"),
                Optional.ofNullable(row.getInteger("status")),
                Optional.ofNullable(row.getString("problem")));
    }

    private static Optional<Instant> time(Row row, String column) {
        return Optional.ofNullable(row.getOffsetDateTime(column)).map(OffsetDateTime::toInstant);
    }
}
