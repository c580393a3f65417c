package io.cema.bench.fleet;

import io.cema.ops.stack.StackProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What stands in the service's tables, read as PostgreSQL's superuser past row-level security: cheaper than asking the
 * service, which is being measured. Confined to one thread.
 */
final class FleetRecords implements AutoCloseable {
    private final Connection connection;

    private FleetRecords(Connection connection) {
        this.connection = connection;
    }

    /** @param stackData folder of the local stack */
    static FleetRecords open(StackProcess stack, Path stackData) throws IOException, SQLException {
        String password = Files.readString(stackData.resolve("database/superuser.password"))
                .strip();
        return new FleetRecords(DriverManager.getConnection(stack.jdbcUrl(), "postgres", password));
    }

    /** A device's row. */
    record Row(String online, long connection, long desiredVersion, String updateVersion) {}

    Map<String, Row> devices() throws SQLException {
        Map<String, Row> rows = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select id, online, connection, desired_version,"
                        + " coalesce(reported->'slots'->0->>'updateVersion', '') from device")) {
            while (result.next()) {
                rows.put(
                        result.getString(1),
                        new Row(result.getString(2), result.getLong(3), result.getLong(4), result.getString(5)));
            }
        }
        return rows;
    }

    /** A single number. */
    long count(String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        }
    }

    /** Messages that wait to go down. */
    long pending() throws SQLException {
        return count("select count(*) from outbox where published_at is null");
    }

    Set<String> sampleIds() throws SQLException {
        Set<String> ids = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select sample_id from sample")) {
            while (result.next()) {
                ids.add(result.getString(1));
            }
        }
        return ids;
    }

    /** Adds what the service's connections are doing at this moment. */
    void sampleWaits(Map<String, Integer> counts) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select state, coalesce(wait_event_type || ':' || wait_event,"
                        + " 'on a processor') from pg_stat_activity where backend_type = 'client backend'"
                        + " and pid <> pg_backend_pid() and usename = 'cema'")) {
            while (result.next()) {
                String doing = "active".equals(result.getString(1))
                        ? result.getString(2)
                        : "idle in transaction".equals(result.getString(1)) ? "waits for the service" : "idle";
                counts.merge(doing, 1, Integer::sum);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
