package io.cema.trt;

import io.cema.trt.TensorRtException.Reason;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.tensorrt.nvinfer.ILogger;
import org.jboss.logging.Logger;

/**
 * What TensorRT says: goes to the log, and its errors are kept for the exception of the call that failed. TensorRT takes
 * one logger per process and calls it from threads of its own, also while the caller waits: nothing here may wait for a
 * lock that is held over a call of TensorRT. Must be held as long as anything made with it lives.
 */
final class Messages extends ILogger {
    private static final Logger LOG = Logger.getLogger("io.cema.trt.TensorRT");
    private static final int KEPT = 32;

    private final Deque<Error> errors = new ArrayDeque<>();
    private long count;

    private record Error(long number, Thread thread, String text) {}

    @Override
    public void log(Severity severity, String message) {
        switch (severity.intern()) {
            case kINTERNAL_ERROR, kERROR -> {
                keep(message);
                LOG.error(message);
            }
            case kWARNING -> LOG.warn(message);
            case kINFO -> LOG.debug(message);
            default -> LOG.trace(message);
        }
    }

    private void keep(String message) {
        synchronized (errors) {
            if (errors.size() == KEPT) {
                errors.removeFirst();
            }
            errors.addLast(new Error(++count, Thread.currentThread(), message));
        }
    }

    /** A point in time, to be given to {@link #since} and {@link #failure}. */
    long now() {
        synchronized (errors) {
            return count;
        }
    }

    /** Errors after that point: the calling thread's if it has any, else those of all threads. */
    List<String> since(long point) {
        synchronized (errors) {
            List<Error> later = errors.stream().filter(e -> e.number() > point).toList();
            List<Error> own = later.stream()
                    .filter(e -> e.thread() == Thread.currentThread())
                    .toList();
            return (own.isEmpty() ? later : own).stream().map(Error::text).toList();
        }
    }

    /** Of a call that failed, with what TensorRT said meanwhile; {@code OUT_OF_MEMORY} with the sizes if that was it. */
    TensorRtException failure(long point, Reason reason, String what) {
        List<String> said = since(point);
        boolean memory = said.stream().anyMatch(Messages::isAboutMemory);
        // An error of CUDA stays on the thread and would show up at the next call.
        cudart.cudaGetLastError();
        return new TensorRtException(
                memory ? Reason.OUT_OF_MEMORY : reason,
                what + ": "
                        + (said.isEmpty()
                                ? "TensorRT gave no reason; its log at level debug may"
                                : String.join("; ", said))
                        + (memory ? " (" + Cuda.memory() + ")" : ""));
    }

    static boolean isAboutMemory(String message) {
        String lower = message.toLowerCase(Locale.ROOT);
        return lower.contains("out of memory")
                || lower.contains("outofmemory")
                || lower.contains("cudaerrormemoryalloc");
    }
}
