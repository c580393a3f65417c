package io.cema.trt;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.Loader;

/**
 * Loads the native libraries behind classes of the bindings. A class that failed once fails ever after and then only says
 * that it did: the first reason is kept and said again, to whoever asks.
 */
public final class Binding {
    private static final Map<Class<?>, String> FAILED = new HashMap<>();

    private Binding() {}

    /**
     * @param bindings in the order in which they need each other
     * @throws UnsatisfiedLinkError with the linker's own word, e.g. {@code libcuda.so.1: cannot open shared object file}
     */
    public static synchronized void load(Class<?>... bindings) {
        for (Class<?> binding : bindings) {
            if (!FAILED.containsKey(binding)) {
                try {
                    Loader.load(binding);
                    continue;
                } catch (LinkageError | RuntimeException e) {
                    FAILED.put(binding, innermost(e));
                }
            }
            throw new UnsatisfiedLinkError(FAILED.get(binding));
        }
    }

    /** What began it, without the path of the file that was being loaded, which lies in a cache. */
    static String innermost(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage())
                .lines()
                .findFirst()
                .map(line -> line.replaceFirst("^/\\S+: (?=lib)", ""))
                .orElse(cause.toString());
    }
}
