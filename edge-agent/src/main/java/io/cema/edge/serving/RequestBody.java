package io.cema.edge.serving;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

/** The body of a request as it comes, part by part. One event loop. */
final class RequestBody {
    /** Most that is set aside on a client's word that it will send as much. */
    private static final int MOST_ON_TRUST = 64 << 10;

    private final ServingLimits limits;
    private final int announced;
    private byte[] bytes = new byte[0];
    private int length;
    private boolean dropped;

    /** @param contentLength the header; null if there was none. One above the limit has been refused already */
    RequestBody(String contentLength, ServingLimits limits) {
        this.announced = contentLength == null ? 0 : Integer.parseInt(contentLength);
        this.limits = limits;
    }

    /**
     * Takes the next part.
     *
     * @throws InferenceRequestException if the body is too large with it; what comes then is dropped
     */
    void add(Buffer part) {
        if (dropped) {
            return;
        }
        try {
            limits.requireSize((long) length + part.length());
        } catch (InferenceRequestException e) {
            dropped = true;
            bytes = new byte[0];
            length = 0;
            throw e;
        }
        reserve(length + part.length());
        part.getBytes(bytes, length);
        length += part.length();
    }

    /** All of it; call once, at its end. */
    byte[] bytes() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    private void reserve(int needed) {
        if (needed > bytes.length) {
            int expected = Math.max(2 * bytes.length, Math.min(announced, MOST_ON_TRUST));
            bytes = Arrays.copyOf(bytes, Math.max(needed, expected));
        }
    }
}
