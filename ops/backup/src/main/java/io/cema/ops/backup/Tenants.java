package io.cema.ops.backup;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.TreeSet;

/**
 * Every tenant that has a row. Row-level security binds the owner of the tables, too, and shows one tenant at a time; so
 * each table is opened for its owner for some milliseconds, in a transaction that is rolled back. Without that a tenant
 * that nobody named would be missing from the backup, and nobody would know.
 */
final class Tenants {
    private static final int ATTEMPTS = 30;
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String NOT_OWNER = "42501";

    private Tenants() {}

    static List<String> of(Connection connection) throws SQLException, InterruptedException {
        TreeSet<String> tenants = new TreeSet<>();
        for (String table : Catalog.tables(connection)) {
            if (Catalog.rowSecurity(connection, table)) {
                tenants.addAll(in(connection, table));
            }
            connection.rollback();
        }
        return List.copyOf(tenants);
    }

    private static List<String> in(Connection connection, String table) throws SQLException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try (Statement statement = connection.createStatement()) {
                // Whoever waits for the table waits this long at most, and each table is let go before the next.
                statement.execute("set local lock_timeout = '200ms'");
                statement.execute("alter table " + table + " no force row level security");
                return Catalog.texts(
                        connection,
                        "with recursive t(tenant) as (select min(tenant) from " + table
                                + " union all select (select min(x.tenant) from " + table
                                + " x where x.tenant > t.tenant) from t where t.tenant is not null)"
                                + " select tenant from t where tenant is not null");
            } catch (SQLException e) {
                if (NOT_OWNER.equals(e.getSQLState())) {
                    throw new BackupException(
                            "the tables belong to another role: " + e.getMessage()
                                    + "; give the service's role in cema.database.user",
                            e);
                }
                if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState()) || attempt == ATTEMPTS) {
                    throw e;
                }
                Thread.sleep(attempt * 20L);
            } finally {
                connection.rollback();
            }
        }
    }
}
