package io.cema.edge.uplink;

import java.util.function.LongSupplier;

/**
 * A token bucket in bytes. A sample may be sent when the bucket holds its size, or is full and the sample larger than
 * the bucket: it then goes into debt, so that no sample is stuck for ever and the rate holds in the long run.
 * Thread-safe.
 */
public final class ByteBudget {
    private static final long NANOS_PER_HOUR = 3_600_000_000_000L;
    private static final long MIN_CAPACITY = 256 * 1024;

    private final LongSupplier nanoClock;
    private long bytesPerHour;
    private double tokens;
    private long last;

    /** @param bytesPerHour 0 for no limit */
    public ByteBudget(long bytesPerHour) {
        this(bytesPerHour, System::nanoTime);
    }

    ByteBudget(long bytesPerHour, LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.last = nanoClock.getAsLong();
        setBytesPerHour(bytesPerHour);
        this.tokens = capacity();
    }

    /** Changes the rate; what is saved up stays, up to the new capacity of five minutes' worth (at least 256 KiB). */
    public synchronized void setBytesPerHour(long rate) {
        if (rate < 0) {
            throw new IllegalArgumentException("upload budget must be at least 0 bytes per hour, is " + rate);
        }
        refill();
        bytesPerHour = rate;
        tokens = Math.min(tokens, capacity());
    }

    /** Takes the bytes if they are allowed now. */
    public synchronized boolean tryTake(long bytes) {
        if (bytesPerHour == 0) {
            return true;
        }
        refill();
        if (tokens < Math.min(bytes, capacity())) {
            return false;
        }
        tokens -= bytes;
        return true;
    }

    private void refill() {
        long now = nanoClock.getAsLong();
        tokens = Math.min(capacity(), tokens + (double) (now - last) * bytesPerHour / NANOS_PER_HOUR);
        last = now;
    }

    private double capacity() {
        return Math.max(MIN_CAPACITY, bytesPerHour / 12.0);
    }
}
