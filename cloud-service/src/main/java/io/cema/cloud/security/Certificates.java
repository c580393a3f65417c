package io.cema.cloud.security;

import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The record of issued certificates. Every method works within the caller's transaction. */
@ApplicationScoped
class Certificates {
    Uni<Void> insert(SqlConnection connection, IssuedCertificate issued, byte[] keyHash) {
        return connection
                .preparedQuery("insert into device_certificate (tenant, serial, device, generation, key_hash,"
                        + " certificate, not_before, not_after)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3, $4, $5, $6, $7)")
                .execute(Tuple.tuple()
                        .addValue(issued.serial())
                        .addValue(issued.device())
                        .addValue(issued.generation())
                        .addValue(Buffer.buffer(keyHash))
                        .addValue(Buffer.buffer(issued.der()))
                        .addValue(OffsetDateTime.ofInstant(issued.notBefore(), ZoneOffset.UTC))
                        .addValue(OffsetDateTime.ofInstant(issued.notAfter(), ZoneOffset.UTC)))
                .replaceWithVoid();
    }

    Uni<Optional<IssuedCertificate>> bySerial(SqlConnection connection, String serial) {
        return connection
                .preparedQuery("select * from device_certificate where serial = $1")
                .execute(Tuple.of(serial))
                .map(Certificates::first);
    }

    /** The device's newest for that key that is neither revoked nor at its end; locked until the transaction ends. */
    Uni<Optional<IssuedCertificate>> validForKey(SqlConnection connection, String device, byte[] keyHash) {
        return connection
                .preparedQuery("select * from device_certificate where device = $1 and key_hash = $2"
                        + " and revoked_at is null and not_after > now() order by not_after desc limit 1 for update")
                .execute(Tuple.of(device, Buffer.buffer(keyHash)))
                .map(Certificates::first);
    }

    /** The device's newest if it is for that key, at its end or not; locked until the transaction ends. */
    Uni<Optional<IssuedCertificate>> newestOfKey(SqlConnection connection, String device, byte[] keyHash) {
        return connection
                .preparedQuery("select * from device_certificate where key_hash = $2 and serial ="
                        + " (select serial from device_certificate where device = $1"
                        + " order by not_after desc, created_at desc limit 1) for update")
                .execute(Tuple.of(device, Buffer.buffer(keyHash)))
                .map(Certificates::first);
    }

    /** The device's newest, whatever became of it. */
    Uni<Optional<IssuedCertificate>> newest(SqlConnection connection, String device) {
        return connection
                .preparedQuery("select * from device_certificate where device = $1"
                        + " order by not_after desc, created_at desc limit 1")
                .execute(Tuple.of(device))
                .map(Certificates::first);
    }

    /** Revokes all of the device's that could still be used; returns how many. */
    Uni<Integer> revoke(SqlConnection connection, String device, String because) {
        return connection
                .preparedQuery("update device_certificate set revoked_at = now(), revoked_because = $2"
                        + " where device = $1 and revoked_at is null and not_after > now()")
                .execute(Tuple.of(device, because))
                .map(RowSet::rowCount);
    }

    /** Revoked ones whose time is not over, with a day's tolerance for late clocks. */
    Uni<List<IssuedCertificate>> revoked(SqlConnection connection) {
        return connection
                .preparedQuery("select * from device_certificate where revoked_at is not null"
                        + " and not_after > now() - interval '1 day' order by serial")
                .execute()
                .map(rows -> {
                    List<IssuedCertificate> revoked = new ArrayList<>();
                    rows.forEach(row -> revoked.add(certificate(row)));
                    return revoked;
                });
    }

    private static Optional<IssuedCertificate> first(RowSet<Row> rows) {
        return rows.size() == 0
                ? Optional.empty()
                : Optional.of(certificate(rows.iterator().next()));
    }

    private static IssuedCertificate certificate(Row row) {
        return new IssuedCertificate(
                row.getString("serial"),
                row.getString("device"),
                row.getLong("generation"),
                row.getBuffer("certificate").getBytes(),
                row.getOffsetDateTime("not_before").toInstant(),
                row.getOffsetDateTime("not_after").toInstant(),
                Optional.ofNullable(row.getOffsetDateTime("revoked_at")).map(OffsetDateTime::toInstant));
    }
}
