package io.cema.trt;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * One native object with one owner. It is released exactly once, however often and from wherever it is closed; its use
 * after that is an exception and never a crash. Thread-safe; that nobody closes it while another uses it is its owner's
 * business.
 */
final class NativeHandle<T> implements AutoCloseable {
    private final String what;
    private final AtomicReference<T> object;
    private final Consumer<T> release;

    /** @param what names the object in messages, e.g. {@code the engine} */
    NativeHandle(String what, T object, Consumer<T> release) {
        this.what = what;
        this.object = new AtomicReference<>(object);
        this.release = release;
    }

    /** @throws IllegalStateException if it is closed */
    T get() {
        T present = object.get();
        if (present == null) {
            throw new IllegalStateException(what + " is closed");
        }
        return present;
    }

    boolean isClosed() {
        return object.get() == null;
    }

    @Override
    public void close() {
        T last = object.getAndSet(null);
        if (last != null) {
            release.accept(last);
        }
    }
}
