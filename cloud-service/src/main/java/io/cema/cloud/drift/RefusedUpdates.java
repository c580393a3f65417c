package io.cema.cloud.drift;

import io.cema.cloud.alarm.AlarmSubject;
import io.cema.cloud.alarm.AlarmType;
import io.cema.cloud.alarm.Alarms;
import io.cema.cloud.persistence.OneByOne;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Tells where adaptation does not help: something has drifted, and the gate has refused one update after the other since. While
 * nothing drifts a gate that refuses is as it should be.
 */
@ApplicationScoped
class RefusedUpdates {
    /** Cohorts with drift, or with the alarm. */
    private static final String STUCK = "select d.cohort, count(v.version) as refused from"
            + " (select cohort, min(raised_at) filter (where type = 'DRIFT') as since from alarm"
            + " where state <> 'CLEARED' and type in ('DRIFT', 'UPDATES_REFUSED') and cohort is not null"
            + " group by cohort) d left join affine_version v on v.cohort = d.cohort and v.verdict = 'REFUSED'"
            + " and v.created_at > d.since and not exists (select 1 from affine_version p where p.cohort = v.cohort"
            + " and p.model_digest = v.model_digest and p.verdict = 'PUBLISHED' and p.created_at > v.created_at)"
            + " group by d.cohort";

    private final Alarms alarms;
    private final DriftSettings settings;

    RefusedUpdates(Alarms alarms, DriftSettings settings) {
        this.alarms = alarms;
        this.settings = settings;
    }

    Uni<Void> look(SqlConnection connection) {
        return connection
                .query(STUCK)
                .execute()
                .chain(rows ->
                        OneByOne.each(rows, row -> tell(connection, row.getString("cohort"), row.getLong("refused"))));
    }

    private Uni<Void> tell(SqlConnection connection, String cohort, long refused) {
        AlarmSubject subject = AlarmSubject.cohort(AlarmType.UPDATES_REFUSED, cohort);
        if (refused < settings.refusals()) {
            return refused > 0
                    ? Uni.createFrom().voidItem()
                    : alarms.clear(connection, subject, "nothing drifts, or an update was published");
        }
        return alarms.raise(
                        connection,
                        subject,
                        "cohort " + cohort + " has drifted, and the gate has refused " + refused
                                + " updates in a row since",
                        new JsonObject().put("refused", refused))
                .replaceWithVoid();
    }
}
