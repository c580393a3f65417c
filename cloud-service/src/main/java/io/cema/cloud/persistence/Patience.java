package io.cema.cloud.persistence;

import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.VertxException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import org.jboss.logging.Logger;

/** Tells a database that is away, which is waited for, from work that is wrong, which is not tried again. */
public final class Patience {
    private static final Logger LOG = Logger.getLogger(Patience.class);

    /** SQLSTATE classes: connection, transaction rollback, resources, operator intervention, system error. */
    private static final Set<String> PASSING = Set.of("08", "40", "53", "57", "58");

    private Patience() {}

    /** Repeats {@code work} with back-off for as long as the database is away; any other failure is passed on. */
    public static <T> Uni<T> untilDatabaseAnswers(Uni<T> work) {
        return work.onFailure(Patience::passes)
                .invoke(e -> LOG.debugf("waits for the database: %s", e.getMessage()))
                .onFailure(Patience::passes)
                .retry()
                .withBackOff(Duration.ofMillis(100), Duration.ofSeconds(5))
                .indefinitely();
    }

    /** True if the same work may succeed later. */
    public static boolean passes(Throwable failure) {
        if (failure instanceof PgException e) {
            return e.getSqlState() == null
                    || e.getSqlState().length() < 2
                    || PASSING.contains(e.getSqlState().substring(0, 2));
        }
        return failure instanceof DatabaseNotReadyException
                || failure instanceof IOException
                || failure instanceof UncheckedIOException // artefacts are written in the transaction that names them
                || failure instanceof VertxException
                || failure instanceof NoStackTraceThrowable
                || failure instanceof TimeoutException;
    }
}
