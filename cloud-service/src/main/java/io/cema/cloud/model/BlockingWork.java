package io.cema.cloud.model;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;

/** File and network I/O on worker threads, with the result back where the caller was. */
final class BlockingWork {
    private BlockingWork() {}

    /** Fails with {@link UncheckedIOException} in place of {@link IOException}. */
    static <T> Uni<T> run(Callable<T> work) {
        Context caller = Vertx.currentContext();
        Uni<T> result = Uni.createFrom()
                .item(() -> {
                    try {
                        return work.call();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e.getMessage(), e);
                    } catch (RuntimeException e) {
                        throw e;
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                })
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool());
        return caller == null ? result : result.emitOn(task -> caller.runOnContext(ignored -> task.run()));
    }
}
