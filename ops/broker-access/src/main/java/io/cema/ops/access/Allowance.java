package io.cema.ops.access;

import java.util.function.LongSupplier;

/**
 * What one device may still publish: two token buckets, of messages and of payload bytes. A bucket may fall below nothing;
 * who took it there waits until it is at nothing again. Thread-safe.
 */
final class Allowance {
    private static final double NANOS = 1e9;

    private final RateLimits limits;
    private final LongSupplier nanoTime;
    private double messages;
    private double bytes;
    private long filledAt;

    /** Full at first. */
    Allowance(RateLimits limits, LongSupplier nanoTime) {
        this.limits = limits;
        this.nanoTime = nanoTime;
        this.messages = limits.messagesBurst();
        this.bytes = limits.bytesBurst();
        this.filledAt = nanoTime.getAsLong();
    }

    /**
     * Takes a message out, unless that would mean to wait for longer than {@code mostNanos}: then nothing is taken.
     *
     * @return how long the device has to wait, in nanoseconds; 0 for not at all
     */
    synchronized long take(int payloadBytes, long mostNanos) {
        fill();
        long wait = wait(messages - 1, bytes - payloadBytes);
        if (wait <= mostNanos) {
            messages--;
            bytes -= payloadBytes;
        }
        return wait;
    }

    private long wait(double messagesLeft, double bytesLeft) {
        double seconds = Math.max(-messagesLeft / limits.messagesPerSecond(), -bytesLeft / limits.bytesPerSecond());
        return seconds <= 0 ? 0 : (long) Math.ceil(seconds * NANOS);
    }

    private void fill() {
        long now = nanoTime.getAsLong();
        double seconds = (now - filledAt) / NANOS;
        messages = Math.min(limits.messagesBurst(), messages + seconds * limits.messagesPerSecond());
        bytes = Math.min(limits.bytesBurst(), bytes + seconds * limits.bytesPerSecond());
        filledAt = now;
    }
}
