package io.cema.ops.backup;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What PostgreSQL's catalogue says about the service's tables. */
final class Catalog {
    /** Flyway's own table: made again by the migrations. */
    private static final String HISTORY = "flyway_schema_history";

    /**
     * Not kept: the projection of the rest at the broker, which is written anew after a restore, and the stream of live
     * events, whose order is that of one database's transactions.
     */
    private static final Set<String> PASSING =
            Set.of(HISTORY, "outbox", "retained_topic", "live_event", "live_event_pruned", "restored");

    private Catalog() {}

    /** Quoted by nobody: the migrations name tables in plain lower case. */
    static List<String> tables(Connection connection) throws SQLException {
        return texts(
                        connection,
                        "select relname from pg_class where relkind in ('r', 'p') and relnamespace ="
                                + " current_schema()::regnamespace order by relname")
                .stream()
                .filter(table -> !PASSING.contains(table))
                .toList();
    }

    /** True if nothing at all was ever made there. */
    static boolean empty(Connection connection) throws SQLException {
        return texts(connection, "select relname from pg_class where relnamespace = current_schema()::regnamespace")
                .isEmpty();
    }

    static List<String> columns(Connection connection, String table) throws SQLException {
        return texts(
                connection,
                "select attname from pg_attribute where attrelid = ?::regclass and attnum > 0 and not attisdropped"
                        + " and attgenerated = '' order by attnum",
                table);
    }

    static List<String> identityColumns(Connection connection, String table) throws SQLException {
        return texts(
                connection,
                "select attname from pg_attribute where attrelid = ?::regclass and attidentity <> '' order by attnum",
                table);
    }

    static boolean rowSecurity(Connection connection, String table) throws SQLException {
        return !texts(connection, "select relname from pg_class where oid = ?::regclass and relforcerowsecurity", table)
                .isEmpty();
    }

    /** The number of the newest migration. */
    static int schema(Connection connection) throws SQLException {
        if (texts(connection, "select relname from pg_class where relname = '" + HISTORY + "'")
                .isEmpty()) {
            throw new BackupException("the database has no tables of the cloud service; name the right one by"
                    + " cema.database.name, or start the service once");
        }
        if (!texts(connection, "select version from " + HISTORY + " where not success")
                .isEmpty()) {
            throw new BackupException("a migration of the database failed; start the cloud service, which says why");
        }
        return texts(connection, "select version from " + HISTORY + " where version is not null").stream()
                .mapToInt(Integer::parseInt)
                .max()
                .orElseThrow();
    }

    static long number(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        }
    }

    static List<String> texts(Connection connection, String query, String... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            List<String> texts = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    texts.add(result.getString(1));
                }
            }
            return texts;
        }
    }
}
