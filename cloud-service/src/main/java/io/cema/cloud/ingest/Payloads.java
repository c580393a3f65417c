package io.cema.cloud.ingest;

import io.cema.cloud.model.ArtefactStore;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Keeps the images in the artefact store in step with the rows that refer to them: one payload may serve several samples,
 * goes with the last of them, and never while another is being written. Writers share a lock of the database that whoever
 * erases holds alone; both hold it to the end of their transaction. Take it before locks on rows.
 */
@ApplicationScoped
class Payloads {
    private static final String LOCK = "(hashtext('cema.payloads'), hashtext(current_setting('cema.tenant')))";

    /** A store across the network answers in milliseconds, each of them within the transaction. */
    private static final int AT_ONCE = 16;

    private final ArtefactStore artefacts;

    Payloads(ArtefactStore artefacts) {
        this.artefacts = artefacts;
    }

    /** Nothing is erased until the caller's transaction ends, and what was erased before is written anew. */
    Uni<Void> hold(SqlConnection connection, List<NewSample> samples) {
        return share(connection).chain(() -> Multi.createFrom()
                .iterable(samples)
                .onItem()
                .transformToUni(sample -> artefacts
                        .find(sample.artefact())
                        .chain(found -> found.isPresent()
                                ? Uni.createFrom().voidItem()
                                : artefacts.put(sample.image().bytes()).replaceWithVoid()))
                .merge(AT_ONCE)
                .collect()
                .last()
                .replaceWithVoid());
    }

    /** Nothing is erased until the caller's transaction ends. */
    Uni<Void> share(SqlConnection connection) {
        return connection
                .query("select pg_advisory_xact_lock_shared" + LOCK)
                .execute()
                .replaceWithVoid();
    }

    /** Nothing is stored, and nothing else erased, until the caller's transaction ends. */
    Uni<Void> lock(SqlConnection connection) {
        return connection.query("select pg_advisory_xact_lock" + LOCK).execute().replaceWithVoid();
    }

    /** Deletes those that no sample refers to any more; the caller holds the lock alone. */
    Uni<Void> drop(SqlConnection connection, Set<String> digests) {
        return connection
                .preparedQuery("select distinct artefact from sample where artefact = any($1)")
                .execute(Tuple.of(digests.toArray(String[]::new)))
                .chain(rows -> {
                    Set<String> unused = new HashSet<>(digests);
                    rows.forEach(row -> unused.remove(row.getString(0)));
                    return Multi.createFrom()
                            .iterable(unused)
                            .onItem()
                            .transformToUni(artefacts::delete)
                            .merge(AT_ONCE)
                            .collect()
                            .last()
                            .replaceWithVoid();
                });
    }
}
