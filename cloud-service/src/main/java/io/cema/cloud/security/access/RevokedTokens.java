package io.cema.cloud.security.access;

import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;

/** Tokens that no longer count. Asked for each request, so that a revocation holds from then on, on every replica. */
@ApplicationScoped
class RevokedTokens {
    private final TenantDatabase database;

    RevokedTokens(TenantDatabase database) {
        this.database = database;
    }

    /** Twice changes nothing. */
    Uni<Void> revoke(String tenant, String id) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("insert into revoked_token (tenant, id) values (current_setting('cema.tenant'), $1)"
                        + " on conflict do nothing")
                .execute(Tuple.of(id))
                .replaceWithVoid());
    }

    Uni<Boolean> contains(String tenant, String id) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("select 1 from revoked_token where id = $1")
                .execute(Tuple.of(id))
                .map(rows -> rows.size() > 0));
    }
}
