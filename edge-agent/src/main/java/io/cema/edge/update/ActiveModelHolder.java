package io.cema.edge.update;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The one reference to the model in use. A swap is one atomic store: a request sees the old model or the new one, whole,
 * and finishes on the one it leased. Any thread; nothing here blocks.
 */
public final class ActiveModelHolder {
    private final AtomicReference<ActiveModel> active = new AtomicReference<>();

    /** The right to use a model until closed. Close it on every path. */
    public static final class Lease implements AutoCloseable {
        private final ActiveModel model;
        private boolean closed;

        private Lease(ActiveModel model) {
            this.model = model;
        }

        public ActiveModel model() {
            return model;
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                model.release();
            }
        }
    }

    /** Leases the model in use; empty while there is none. */
    public Optional<Lease> lease() {
        while (true) {
            ActiveModel model = active.get();
            if (model == null) {
                return Optional.empty();
            }
            // Fails only if a swap came between and the last user left: then there is a newer model to take.
            if (model.retain()) {
                return Optional.of(new Lease(model));
            }
        }
    }

    /** Puts a model in use; this holder owns it from now on. The old one closes when its last request is done. */
    public void swap(ActiveModel next) {
        release(active.getAndSet(next));
    }

    /** Ends serving. */
    public void clear() {
        release(active.getAndSet(null));
    }

    public boolean present() {
        return active.get() != null;
    }

    private static void release(ActiveModel old) {
        if (old != null) {
            old.release();
        }
    }
}
