package io.cema.ops.backup;

import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.postgresql.PGConnection;

/**
 * Fills the tables of a fresh schema, in one transaction: constraints between tables, triggers and row-level security
 * step aside for it and stand again when it commits, so what the archive holds is checked as a whole.
 */
final class DatabaseLoad {
    /** Epochs count seconds from 2026 on: whichever backup is restored, and however often, no epoch comes twice. */
    private static final long EPOCH_ZERO = 1_767_225_600L;

    private final Connection connection;
    private final Archive archive;
    private final Manifest manifest;

    DatabaseLoad(Connection connection, Archive archive) {
        this.connection = connection;
        this.archive = archive;
        this.manifest = archive.manifest();
    }

    /**
     * @param formerEpoch of the database that stood here before
     * @return the epoch from now on
     */
    long run(long formerEpoch) throws SQLException, IOException {
        connection.setAutoCommit(false);
        List<String> tables = Catalog.tables(connection);
        requireSameTables(tables);
        List<String> afterwards = new ArrayList<>(foreignKeys());
        for (String table : tables) {
            execute("alter table " + table + " disable trigger user");
            afterwards.add("alter table " + table + " enable trigger user");
            if (Catalog.rowSecurity(connection, table)) {
                execute("alter table " + table + " no force row level security");
                afterwards.add("alter table " + table + " force row level security");
            }
            execute("delete from " + table); // what a migration put there
        }
        for (Manifest.Table table : manifest.tables()) {
            load(table);
        }
        setSequences();
        long epoch = raiseEpoch(formerEpoch);
        leaveLoops();
        for (String tenant : manifest.tenants()) {
            announce(tenant);
        }
        for (String statement : afterwards) {
            execute(statement);
        }
        connection.commit();
        return epoch;
    }

    private void requireSameTables(List<String> tables) {
        Set<String> archived = new HashSet<>();
        manifest.tables().forEach(table -> archived.add(table.name()));
        if (!archived.equals(new HashSet<>(tables))) {
            throw new BackupException(
                    "the archive holds the tables " + archived.stream().sorted().toList()
                            + ", schema " + manifest.schema() + " has " + tables
                            + "; restore it with the version of CEMA that made it");
        }
    }

    /** Drops them; returns the statements that make them again, and check every row. */
    private List<String> foreignKeys() throws SQLException {
        String which = " from pg_constraint c join pg_class t on t.oid = c.conrelid where c.contype = 'f'"
                + " and t.relnamespace = current_schema()::regnamespace and c.conparentid = 0 order by t.relname, c.conname";
        List<String> made = Catalog.texts(
                connection,
                "select format('alter table %I add constraint %I %s', t.relname, c.conname, pg_get_constraintdef(c.oid))"
                        + which);
        for (String drop : Catalog.texts(
                connection, "select format('alter table %I drop constraint %I', t.relname, c.conname)" + which)) {
            execute(drop);
        }
        return made;
    }

    private void load(Manifest.Table table) throws SQLException, IOException {
        long rows;
        try (InputStream in = archive.read(table.entry())) {
            rows = connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("copy " + table.name() + " (" + String.join(", ", table.columns()) + ") from stdin", in);
        }
        if (rows != table.rows()) {
            throw new BackupException("table " + table.name() + " has " + rows
                    + " rows in the archive, its manifest says " + table.rows() + "; take another archive");
        }
    }

    private void setSequences() throws SQLException {
        for (var sequence : manifest.sequences().entrySet()) {
            int dot = sequence.getKey().indexOf('.');
            try (PreparedStatement statement =
                    connection.prepareStatement("select setval(pg_get_serial_sequence(?, ?), ?)")) {
                statement.setString(1, sequence.getKey().substring(0, dot));
                statement.setString(2, sequence.getKey().substring(dot + 1));
                statement.setLong(3, sequence.getValue());
                statement.execute();
            }
        }
    }

    private long raiseEpoch(long formerEpoch) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("update system_state set epoch ="
                + " greatest(epoch + 1, ? + 1, extract(epoch from now())::bigint - " + EPOCH_ZERO + ")")) {
            statement.setLong(1, formerEpoch);
            statement.executeUpdate();
        }
        return Catalog.number(connection, "select epoch from system_state");
    }

    /** Whoever held a loop is gone. */
    private void leaveLoops() throws SQLException {
        execute("update adaptation_loop set holder = null, expires_at = '-infinity', status = 'IDLE',"
                + " fencing = fencing + 1");
    }

    /** The service tells the fleet; watchers of live events are told that they missed some. */
    private void announce(String tenant) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select set_config('cema.tenant', ?, true)")) {
            statement.setString(1, tenant);
            statement.execute();
        }
        try (PreparedStatement statement =
                connection.prepareStatement("insert into restored (tenant, taken_at) values (?, ?)")) {
            statement.setString(1, tenant);
            statement.setTimestamp(2, Timestamp.from(manifest.takenAt()));
            statement.executeUpdate();
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "insert into live_event_pruned (tenant, before) values (?, pg_current_xact_id()::text::bigint + 1)")) {
            statement.setString(1, tenant);
            statement.executeUpdate();
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
