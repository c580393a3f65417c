package io.cema.demo;

import io.cema.ops.stack.StackProcess;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the database says of the one loop of a run, and of its samples. One thread. */
final class LoopWitness implements AutoCloseable {
    /**
     * The loop's row.
     *
     * @param instance of the process that holds it, empty if nobody ever did
     */
    record Standing(String instance, long fencing, long step, boolean held) {}

    private final Connection connection;

    /** @param stack whose database has the service's schema already */
    LoopWitness(StackProcess stack) throws SQLException {
        connection = DriverManager.getConnection(stack.jdbcUrl(), stack.databaseUser(), stack.databasePassword());
        execute("select set_config('cema.tenant', 'default', false)");
    }

    /** Has the database itself note each time a step takes a sample as new, and under which token. */
    void countTraining() throws SQLException {
        execute("create table taken (device text, sample_id text, fencing bigint)");
        execute("create function note_taken() returns trigger language plpgsql as $$ begin"
                + " insert into taken select new.device, new.sample_id, fencing from adaptation_loop"
                + " where cohort = new.cohort and model_digest = new.model_digest; return new; end $$");
        execute("create trigger taken after update of trained_step on sample for each row"
                + " when (new.trained_step is not null) execute function note_taken()");
    }

    Standing standing() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select coalesce(split_part(holder, '/', 1), ''), fencing, step, expires_at > now()"
                                + " from adaptation_loop")) {
            return row.next()
                    ? new Standing(row.getString(1), row.getLong(2), row.getLong(3), row.getBoolean(4))
                    : new Standing("", 0, 0, false);
        }
    }

    /** What the replay store holds, as {@code DEVICE/SAMPLE}. */
    Set<String> stored() throws SQLException {
        return new HashSet<>(column("select device || '/' || sample_id from sample"));
    }

    /** Samples that a step took as new. */
    int trained() throws SQLException {
        return column("select distinct device || '/' || sample_id from taken").size();
    }

    /** Samples that wait for a step. */
    int untrained() throws SQLException {
        return column("select sample_id from sample where trained_step is null and not held_back")
                .size();
    }

    /** Samples that two steps took as new. */
    List<String> trainedTwice() throws SQLException {
        return column("select device || '/' || sample_id from taken group by 1 having count(*) > 1");
    }

    /** Versions that a holder wrote when a later one had written already: there must be none. */
    List<String> writtenByFormerOwners() throws SQLException {
        return column("select v.version from affine_version v where exists (select 1 from affine_version w"
                + " where w.fencing > v.fencing and w.created_at < v.created_at)");
    }

    /** Revisions of publications that came twice or fell: there must be none. */
    List<String> revisionsOutOfOrder() throws SQLException {
        return column("select p.revision::text from publication p join affine_version v on v.version = p.version"
                + " where exists (select 1 from publication q join affine_version w on w.version = q.version"
                + " where w.fencing < v.fencing and q.revision >= p.revision)");
    }

    private List<String> column(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
