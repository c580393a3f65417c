package io.cema.cloud.webhook;

import io.cema.cloud.alarm.Alarms;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * What waits to be delivered. A process claims some for as long as an attempt can take; if it dies, the claim runs out and
 * another one repeats the attempt: at least once. Any thread.
 */
@ApplicationScoped
class DeliveryQueue {
    /** Of one webhook at a time, so that a slow one does not keep the others waiting. */
    private static final int MOST_OF_ONE = 4;

    private static final Duration SLACK = Duration.ofSeconds(30);
    private static final int LONGEST_PROBLEM = 500;

    private final TenantDatabase database;
    private final Alarms alarms;
    private final WebhookSettings settings;
    private final String tenant;

    DeliveryQueue(
            TenantDatabase database,
            Alarms alarms,
            WebhookSettings settings,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.alarms = alarms;
        this.settings = settings;
        this.tenant = tenant;
    }

    /** @return at most so many, which nobody else tries meanwhile */
    Uni<List<Delivery>> claim(int most) {
        double seconds = settings.timeout().plus(SLACK).toMillis() / 1000.0;
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("with due as (select d.id from webhook w cross join lateral"
                        + " (select id, next_at from webhook_delivery where webhook = w.id and state = 'PENDING'"
                        + " and next_at <= now() order by next_at limit $2 for update skip locked) d"
                        + " order by d.next_at limit $1)"
                        + " update webhook_delivery d set attempts = attempts + 1,"
                        + " next_at = now() + $3 * interval '1 second' from due, webhook w"
                        + " where d.id = due.id and w.tenant = d.tenant and w.id = d.webhook"
                        + " returning d.id, d.webhook, w.url, w.secret, d.payload, d.attempts")
                .execute(Tuple.of(most, MOST_OF_ONE, seconds))
                .map(rows -> {
                    List<Delivery> claimed = new ArrayList<>();
                    rows.forEach(row -> claimed.add(new Delivery(
                            row.getString("id"),
                            row.getString("webhook"),
                            row.getString("url"),
                            row.getBuffer("secret").getBytes(),
                            row.getJsonObject("payload").encode().getBytes(StandardCharsets.UTF_8),
                            row.getInteger("attempts"))));
                    return claimed;
                }));
    }

    /** It was taken. */
    Uni<Void> delivered(Delivery delivery, int status) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("update webhook_delivery set state = 'DELIVERED', ended_at = now(), status = $2,"
                        + " problem = null where id = $1 and state <> 'DELIVERED'")
                .execute(Tuple.of(delivery.id(), status))
                .chain(() ->
                        alarms.clear(connection, Webhooks.alarm(delivery.webhook()), "it takes deliveries again")));
    }

    /** It was not: again after a pause, unless it has waited too long already. */
    Uni<Void> failed(Delivery delivery, Optional<Integer> status, String problem) {
        String told = problem.length() <= LONGEST_PROBLEM ? problem : problem.substring(0, LONGEST_PROBLEM);
        double pause = pause(delivery.attempt(), settings).toMillis() / 1000.0;
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("update webhook_delivery set status = $2, problem = $3,"
                        + " state = case when created_at < now() - $5 * interval '1 second' then 'DEAD' else 'PENDING' end,"
                        + " ended_at = case when created_at < now() - $5 * interval '1 second' then now() end,"
                        + " next_at = now() + $4 * interval '1 second' where id = $1 and state = 'PENDING'"
                        + " returning state")
                .execute(Tuple.of(delivery.id(), status.orElse(null), told, pause, (double)
                        settings.giveUpAfter().toSeconds()))
                .chain(rows -> rows.size() == 1
                                && rows.iterator().next().getString("state").equals("DEAD")
                        ? gaveUp(connection, delivery, told)
                        : Uni.createFrom().voidItem()));
    }

    private Uni<Void> gaveUp(SqlConnection connection, Delivery delivery, String problem) {
        return alarms.raise(
                        connection,
                        Webhooks.alarm(delivery.webhook()),
                        "webhook " + delivery.webhook() + " has taken nothing for " + settings.giveUpAfter()
                                + ", its oldest delivery is given up: " + problem,
                        new JsonObject().put("url", delivery.url()).put("attempts", delivery.attempt()))
                .replaceWithVoid();
    }

    /** Ended ones go after a while. */
    Uni<Void> prune() {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("delete from webhook_delivery where state <> 'PENDING'"
                        + " and ended_at < now() - $1 * interval '1 second'")
                .execute(Tuple.of((double) settings.kept().toSeconds()))
                .replaceWithVoid());
    }

    /** Doubles from attempt to attempt, with up to a quarter more, so that many do not come back at once. */
    static Duration pause(int attempt, WebhookSettings settings) {
        double millis = settings.firstPause().toMillis() * Math.pow(2, Math.min(30, attempt - 1));
        double bounded = Math.min(millis, settings.longestPause().toMillis());
        return Duration.ofMillis(
                (long) (bounded * (1 + ThreadLocalRandom.current().nextDouble(0.25))));
    }
}
