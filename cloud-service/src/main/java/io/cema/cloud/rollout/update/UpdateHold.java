package io.cema.cloud.rollout.update;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.cema.cloud.http.EntityTags;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import java.time.Instant;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * What an operator holds fast in a cohort.
 *
 * @param frozen true: no new publications
 * @param pinnedVersion the devices stay on it
 * @param rowVersion for the entity tag; 0 while nothing was ever held
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
record UpdateHold(
        String cohort,
        boolean frozen,
        Optional<String> pinnedVersion,
        Optional<Instant> changedAt,
        @JsonIgnore long rowVersion) {
    static Uni<UpdateHold> of(SqlConnection connection, String cohort) {
        return connection
                .preparedQuery("select * from update_hold where cohort = $1")
                .execute(Tuple.of(cohort))
                .map(rows -> rows.size() == 0
                        ? new UpdateHold(cohort, false, Optional.empty(), Optional.empty(), 0)
                        : read(rows.iterator().next()));
    }

    RestResponse<UpdateHold> tagged() {
        return RestResponse.ResponseBuilder.ok(this)
                .tag(EntityTags.of(rowVersion))
                .build();
    }

    UpdateHold withFrozen(boolean wanted) {
        return new UpdateHold(cohort, wanted, pinnedVersion, changedAt, rowVersion);
    }

    UpdateHold withPin(Optional<String> version) {
        return new UpdateHold(cohort, frozen, version, changedAt, rowVersion);
    }

    /** Writes it; the caller holds the loops' rows, so nobody else does. Returns it with its new row version. */
    Uni<UpdateHold> store(SqlConnection connection) {
        return connection
                .preparedQuery("insert into update_hold as h (tenant, cohort, frozen, pinned_version)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3) on conflict (tenant, cohort)"
                        + " do update set frozen = $2, pinned_version = $3, row_version = h.row_version + 1,"
                        + " changed_at = now() returning *")
                .execute(Tuple.of(cohort, frozen, pinnedVersion.orElse(null)))
                .map(rows -> read(rows.iterator().next()));
    }

    private static UpdateHold read(Row row) {
        return new UpdateHold(
                row.getString("cohort"),
                row.getBoolean("frozen"),
                Optional.ofNullable(row.getString("pinned_version")),
                Optional.of(row.getOffsetDateTime("changed_at").toInstant()),
                row.getLong("row_version"));
    }
}
