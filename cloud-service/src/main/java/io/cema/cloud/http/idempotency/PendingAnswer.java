package io.cema.cloud.http.idempotency;

import io.cema.cloud.http.idempotency.IdempotencyKeys.Key;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** A request that has taken its key and is not answered yet. Any thread. */
final class PendingAnswer {
    private static final String PLACE = PendingAnswer.class.getName();

    private final Key key;
    private final AtomicBoolean settled = new AtomicBoolean();

    private PendingAnswer(Key key) {
        this.key = key;
    }

    static PendingAnswer attach(RoutingContext request, Key key) {
        PendingAnswer pending = new PendingAnswer(key);
        request.put(PLACE, pending);
        return pending;
    }

    static Optional<PendingAnswer> of(RoutingContext request) {
        return request == null ? Optional.empty() : Optional.ofNullable(request.get(PLACE));
    }

    Key key() {
        return key;
    }

    /** True for the one who decides what becomes of the key. */
    boolean settle() {
        return settled.compareAndSet(false, true);
    }
}
