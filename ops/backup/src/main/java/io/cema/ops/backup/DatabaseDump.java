package io.cema.ops.backup;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** Reads the whole database as of one moment, while the service goes on. One thread. */
final class DatabaseDump {
    private final Connection connection;
    private final List<String> tenants;

    private DatabaseDump(Connection connection, List<String> tenants) {
        this.connection = connection;
        this.tenants = tenants;
    }

    /** From here on the database stands still for this connection. */
    static DatabaseDump begin(Connection connection) throws SQLException, InterruptedException {
        connection.setAutoCommit(false);
        List<String> tenants = Tenants.of(connection);
        try (Statement statement = connection.createStatement()) {
            statement.execute("set transaction isolation level repeatable read, read only");
        }
        return new DatabaseDump(connection, tenants);
    }

    List<String> tenants() {
        return tenants;
    }

    int schema() throws SQLException {
        return Catalog.schema(connection);
    }

    long epoch() throws SQLException {
        return Catalog.number(connection, "select epoch from system_state");
    }

    List<Manifest.Table> writeTo(ArchiveWriter archive) throws SQLException, IOException {
        List<Manifest.Table> tables = new ArrayList<>();
        for (String name : Catalog.tables(connection)) {
            List<String> columns = Catalog.columns(connection, name);
            long[] rows = {0};
            Manifest.Table table = new Manifest.Table(name, columns, 0);
            archive.add(table.entry(), out -> rows[0] = copy(table, out));
            tables.add(new Manifest.Table(name, columns, rows[0]));
        }
        return tables;
    }

    /** What the next values must be above. */
    Map<String, Long> sequences() throws SQLException {
        Map<String, Long> values = new TreeMap<>();
        for (String table : Catalog.tables(connection)) {
            for (String column : Catalog.identityColumns(connection, table)) {
                String sequence = Catalog.texts(connection, "select pg_get_serial_sequence(?, ?)", table, column)
                        .get(0);
                values.put(table + "." + column, Catalog.number(connection, "select last_value from " + sequence));
            }
        }
        return values;
    }

    private long copy(Manifest.Table table, java.io.OutputStream out) throws IOException {
        try {
            CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
            String query =
                    "copy (select " + String.join(", ", table.columns()) + " from " + table.name() + ") to stdout";
            if (!Catalog.rowSecurity(connection, table.name())) {
                return copy.copyOut(query, out);
            }
            long rows = 0;
            for (String tenant : tenants) {
                try (PreparedStatement statement =
                        connection.prepareStatement("select set_config('cema.tenant', ?, true)")) {
                    statement.setString(1, tenant);
                    statement.execute();
                }
                rows += copy.copyOut(query, out);
            }
            return rows;
        } catch (SQLException e) {
            throw new IOException("table " + table.name() + " cannot be read: " + e.getMessage(), e);
        }
    }
}
