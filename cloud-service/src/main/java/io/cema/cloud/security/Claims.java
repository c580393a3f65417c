package io.cema.cloud.security;

import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.cloud.fleet.DeviceAdmission;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.persistence.ServiceClock;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.enrolment.ClaimToken;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The claims. Of a token only its hash is kept. */
@ApplicationScoped
class Claims {
    private final TenantDatabase database;
    private final DeviceAdmission admission;
    private final ServiceClock clock;
    private final Duration validity;

    /**
     * A claim that a token named, locked until the transaction ends.
     *
     * @param keyHash of the key it is bound to
     */
    record Presented(Claim claim, Optional<byte[]> keyHash) {}

    Claims(TenantDatabase database, DeviceAdmission admission, ServiceClock clock, SecuritySettings settings) {
        this.database = database;
        this.admission = admission;
        this.clock = clock;
        this.validity = settings.claimValidity();
    }

    /** Fails with 404 if the cohort does not exist. */
    Uni<Claim> create(String tenant, NewClaim wanted, ClaimToken token) {
        Instant expiry = Optional.ofNullable(wanted.expiry())
                .orElseGet(() -> clock.instant().plus(validity));
        return database.inTransaction(tenant, connection -> admission
                .requireCohort(connection, Optional.ofNullable(wanted.cohort()))
                .chain(() -> connection
                        .preparedQuery("insert into device_claim (tenant, id, token_hash, device, cohort, expires_at)"
                                + " values (current_setting('cema.tenant'), $1, $2, $3, $4, $5) returning *")
                        .execute(Tuple.of(
                                UlidCreator.getUlid().toString(),
                                Buffer.buffer(token.secretHash()),
                                wanted.device(),
                                wanted.cohort(),
                                OffsetDateTime.ofInstant(expiry, ZoneOffset.UTC))))
                .map(rows -> claim(rows.iterator().next()).with(token.text())));
    }

    /** Newest first. */
    Uni<List<Claim>> list(String tenant, int limit, int offset) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("select * from device_claim order by created_at desc, id desc limit $1 offset $2")
                .execute(Tuple.of(limit, offset))
                .map(rows -> {
                    List<Claim> claims = new ArrayList<>();
                    rows.forEach(row -> claims.add(claim(row)));
                    return claims;
                }));
    }

    /** Fails with 404 unless it is there and unused. */
    Uni<Void> withdraw(String tenant, String id) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("delete from device_claim where id = $1 and used_at is null")
                .execute(Tuple.of(id))
                .invoke(rows -> {
                    if (rows.rowCount() == 0) {
                        throw ProblemException.notFound("no claim " + id + " is open; to shut out a device that used"
                                + " it, DELETE /api/v1/devices/{id}/certificate");
                    }
                })
                .replaceWithVoid());
    }

    Uni<Void> withdrawOpen(SqlConnection connection, String device) {
        return connection
                .preparedQuery("delete from device_claim where device = $1 and used_at is null")
                .execute(Tuple.of(device))
                .replaceWithVoid();
    }

    Uni<Optional<Presented>> present(SqlConnection connection, ClaimToken token) {
        return connection
                .preparedQuery("select * from device_claim where token_hash = $1 for update")
                .execute(Tuple.of(Buffer.buffer(token.secretHash())))
                .map(rows -> {
                    if (rows.size() == 0) {
                        return Optional.empty();
                    }
                    Row row = rows.iterator().next();
                    return Optional.of(new Presented(
                            claim(row),
                            Optional.ofNullable(row.getBuffer("key_hash")).map(hash -> hash.getBytes())));
                });
    }

    /** Binds it to the key for ever. */
    Uni<Void> use(SqlConnection connection, String id, byte[] keyHash, String serial) {
        return connection
                .preparedQuery("update device_claim set key_hash = $2, serial = $3, used_at = now() where id = $1")
                .execute(Tuple.of(id, Buffer.buffer(keyHash), serial))
                .replaceWithVoid();
    }

    private static Claim claim(Row row) {
        return new Claim(
                row.getString("id"),
                row.getString("device"),
                Optional.ofNullable(row.getString("cohort")),
                row.getOffsetDateTime("expires_at").toInstant(),
                row.getOffsetDateTime("created_at").toInstant(),
                Optional.ofNullable(row.getOffsetDateTime("used_at")).map(OffsetDateTime::toInstant),
                Optional.ofNullable(row.getString("serial")),
                Optional.empty());
    }
}
