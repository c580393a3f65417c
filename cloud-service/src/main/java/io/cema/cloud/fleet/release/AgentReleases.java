package io.cema.cloud.fleet.release;

import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.model.Artefact;
import io.cema.cloud.model.ArtefactStore;
import io.cema.cloud.persistence.OneByOne;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The releases and who is wished to run them. A change tells every device it concerns, in one transaction with it. */
@ApplicationScoped
class AgentReleases {
    private static final String SELECT = "select r.version, r.notes, r.created_at,"
            + " coalesce((select jsonb_agg(jsonb_build_object('platform', p.platform, 'digest', p.digest,"
            + " 'size', p.size, 'signature', encode(p.signature, 'base64')) order by p.platform)"
            + " from agent_package p where p.tenant = r.tenant and p.version = r.version), '[]') as packages,"
            + " coalesce((select array_agg(c.id order by c.id) from cohort c"
            + " where c.tenant = r.tenant and c.agent_version = r.version), '{}') as cohorts,"
            + " coalesce((select array_agg(d.id order by d.id) from device d"
            + " where d.tenant = r.tenant and d.agent_version = r.version), '{}') as devices"
            + " from agent_release r";

    private final TenantDatabase database;
    private final ArtefactStore artefacts;
    private final DesiredStateSender desired;
    private final LiveEvents events;

    /** Whose wish it is. */
    enum Target {
        COHORT("cohort", "cohorts", "select id from device where cohort = $1 order by id"),
        DEVICE("device", "devices", "select id from device where id = $1");

        private final String table;
        private final String path;
        private final String concerned;

        Target(String table, String path, String concerned) {
            this.table = table;
            this.path = path;
            this.concerned = concerned;
        }
    }

    /** What came of an upload. */
    record Stored(AgentRelease release, boolean isNew) {}

    AgentReleases(TenantDatabase database, ArtefactStore artefacts, DesiredStateSender desired, LiveEvents events) {
        this.database = database;
        this.artefacts = artefacts;
        this.desired = desired;
        this.events = events;
    }

    /** Stores a package; the same again changes nothing. Fails with 409 if another one has its version and platform. */
    Uni<Stored> add(String tenant, PackageUpload upload) {
        return artefacts
                .put(upload.archive())
                .chain(stored -> database.inTransaction(tenant, connection -> connection
                        .preparedQuery("insert into agent_release (tenant, version, notes)"
                                + " values (current_setting('cema.tenant'), $1, $2) on conflict do nothing")
                        .execute(Tuple.of(upload.version(), upload.notes()))
                        .chain(() -> insert(connection, upload, stored))
                        .chain(isNew -> isNew ? told(connection, upload) : requireSame(connection, upload, stored))
                        .chain(isNew ->
                                find(connection, upload.version()).map(release -> new Stored(release, isNew)))));
    }

    Uni<List<AgentRelease>> list(String tenant, int limit, int offset) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery(SELECT + " order by r.created_at desc, r.version limit $1 offset $2")
                .execute(Tuple.of(limit, offset))
                .map(rows -> {
                    List<AgentRelease> releases = new ArrayList<>();
                    rows.forEach(row -> releases.add(release(row)));
                    return releases;
                }));
    }

    /** Fails with 404. */
    Uni<AgentRelease> find(String tenant, String version) {
        return database.inTransaction(tenant, connection -> find(connection, version));
    }

    /** Fails with 404, or 409 while anybody is wished to run it. */
    Uni<Void> delete(String tenant, String version) {
        return database.inTransaction(tenant, connection -> lock(connection, version)
                        .chain(() -> find(connection, version))
                        .invoke(AgentReleases::requireUnwanted)
                        .call(() -> connection
                                .preparedQuery("delete from agent_release where version = $1")
                                .execute(Tuple.of(version)))
                        .chain(release -> unused(connection, release)))
                .chain(digests -> OneByOne.each(digests, artefacts::delete));
    }

    /** Wishes that a cohort's devices, or one device, run it; empty wishes nothing. Fails with 404. */
    Uni<Void> want(String tenant, Optional<String> version, Target target, String id) {
        return database.inTransaction(tenant, connection -> version.map(v -> lock(connection, v))
                .orElseGet(() -> Uni.createFrom().voidItem())
                .chain(() -> connection
                        .preparedQuery("update " + target.table + " set agent_version = $2 where id = $1")
                        .execute(Tuple.of(id, version.orElse(null))))
                .invoke(rows -> {
                    if (rows.rowCount() == 0) {
                        throw ProblemException.notFound("no " + target.table + " " + id + " exists");
                    }
                })
                .chain(() -> connection.preparedQuery(target.concerned).execute(Tuple.of(id)))
                .chain(rows -> {
                    List<String> concerned = new ArrayList<>();
                    rows.forEach(row -> concerned.add(row.getString("id")));
                    return desired.publish(connection, concerned);
                })
                .chain(() -> events.append(
                        connection,
                        "agent-release.wished",
                        target.path + "/" + id,
                        new JsonObject().put("version", version.orElse("")))));
    }

    private static Uni<Boolean> insert(SqlConnection connection, PackageUpload upload, Artefact stored) {
        return connection
                .preparedQuery("insert into agent_package (tenant, version, platform, digest, size, signature)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3, $4, $5) on conflict do nothing")
                .execute(Tuple.of(
                        upload.version(),
                        upload.platform(),
                        stored.digest(),
                        stored.size(),
                        Buffer.buffer(upload.signature())))
                .map(rows -> rows.rowCount() == 1);
    }

    private Uni<Boolean> told(SqlConnection connection, PackageUpload upload) {
        return events.append(
                        connection,
                        "agent-release.added",
                        "agent-releases/" + upload.version(),
                        new JsonObject().put("platform", upload.platform()))
                .replaceWith(true);
    }

    private static Uni<Boolean> requireSame(SqlConnection connection, PackageUpload upload, Artefact stored) {
        return connection
                .preparedQuery("select digest, signature from agent_package where version = $1 and platform = $2")
                .execute(Tuple.of(upload.version(), upload.platform()))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    if (!row.getString("digest").equals(stored.digest())
                            || !Arrays.equals(row.getBuffer("signature").getBytes(), upload.signature())) {
                        throw ProblemException.conflict("release " + upload.version() + " has another package for "
                                + upload.platform() + "; devices may run it: give the new one another version");
                    }
                    return false;
                });
    }

    private static Uni<Void> lock(SqlConnection connection, String version) {
        return connection
                .preparedQuery("select 1 from agent_release where version = $1 for update")
                .execute(Tuple.of(version))
                .invoke(rows -> {
                    if (rows.size() == 0) {
                        throw missing(version);
                    }
                })
                .replaceWithVoid();
    }

    private static void requireUnwanted(AgentRelease release) {
        if (!release.cohorts().isEmpty() || !release.devices().isEmpty()) {
            throw ProblemException.conflict("release " + release.version() + " is wished for cohorts "
                    + release.cohorts() + " and devices " + release.devices() + "; withdraw that first");
        }
    }

    /** Archives that no other release has. */
    private static Uni<List<String>> unused(SqlConnection connection, AgentRelease deleted) {
        String[] digests =
                deleted.packages().stream().map(AgentRelease.Package::digest).toArray(String[]::new);
        return connection
                .preparedQuery("select unnest($1::text[]) as digest except select digest from agent_package")
                .execute(Tuple.of(digests))
                .map(AgentReleases::digests);
    }

    private static List<String> digests(RowSet<Row> rows) {
        List<String> digests = new ArrayList<>();
        rows.forEach(row -> digests.add(row.getString("digest")));
        return digests;
    }

    private static Uni<AgentRelease> find(SqlConnection connection, String version) {
        return connection
                .preparedQuery(SELECT + " where r.version = $1")
                .execute(Tuple.of(version))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw missing(version);
                    }
                    return release(rows.iterator().next());
                });
    }

    private static ProblemException missing(String version) {
        return ProblemException.notFound(
                "no release " + version + " exists; upload its package with POST /api/v1/agent-releases");
    }

    private static AgentRelease release(Row row) {
        List<AgentRelease.Package> packages = new ArrayList<>();
        row.getJsonArray("packages").forEach(entry -> {
            JsonObject json = (JsonObject) entry;
            packages.add(new AgentRelease.Package(
                    json.getString("platform"),
                    json.getString("digest"),
                    json.getLong("size"),
                    inOneLine(json.getString("signature"))));
        });
        return new AgentRelease(
                row.getString("version"),
                row.getString("notes"),
                row.getOffsetDateTime("created_at").toInstant(),
                packages,
                Arrays.asList(row.getArrayOfStrings("cohorts")),
                Arrays.asList(row.getArrayOfStrings("devices")));
    }

    /** PostgreSQL breaks Base64 after 76 characters. */
    private static String inOneLine(String base64) {
        return Base64.getEncoder().encodeToString(Base64.getMimeDecoder().decode(base64));
    }
}
