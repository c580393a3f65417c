package io.cema.edge.uplink;

import java.io.IOException;
import java.nio.file.Path;

/**
 * How many bytes may go up: in any hour, and in any day, at most so many, over restarts and clock jumps. Within the hour
 * a share of five minutes at a time, at least 256 KiB, so that an hour does not begin with a burst and end in silence.
 * Thread-safe.
 */
public final class ByteBudget {
    private static final int HOUR = 60;
    private static final int BURST = 5;
    private static final long LEAST_BURST = 256 * 1024;

    private final TrafficLedger ledger;
    private long bytesPerHour;
    private long bytesPerDay;

    /** An answer to who wants to send. */
    public enum Grant {
        NOW,
        LATER,
        /** It is more than a whole hour's or day's budget. */
        NEVER
    }

    ByteBudget(TrafficLedger ledger, long bytesPerHour, long bytesPerDay) {
        this.ledger = ledger;
        setLimits(bytesPerHour, bytesPerDay);
    }

    /**
     * @param file where it is remembered what was sent
     * @param bytesPerHour 0 for no limit
     * @param bytesPerDay 0 for no limit
     */
    public static ByteBudget open(Path file, long bytesPerHour, long bytesPerDay) throws IOException {
        return new ByteBudget(TrafficLedger.open(file), bytesPerHour, bytesPerDay);
    }

    /** Changes the limits; what was sent stays counted. */
    public synchronized void setLimits(long perHour, long perDay) {
        if (perHour < 0 || perDay < 0) {
            throw new IllegalArgumentException(
                    "upload budget must be at least 0 bytes, is " + perHour + " an hour and " + perDay + " a day");
        }
        bytesPerHour = perHour;
        bytesPerDay = perDay;
    }

    /** Whether so many bytes may be sent now; takes nothing. */
    public synchronized Grant ask(long bytes) {
        if (bytesPerHour > 0 && bytes > bytesPerHour || bytesPerDay > 0 && bytes > bytesPerDay) {
            return Grant.NEVER;
        }
        if (bytesPerDay > 0 && ledger.sent(TrafficLedger.DAY) + bytes > bytesPerDay) {
            return Grant.LATER;
        }
        return bytesPerHour == 0 || ledger.sent(HOUR) + bytes <= bytesPerHour && withinBurst(bytes)
                ? Grant.NOW
                : Grant.LATER;
    }

    /** Takes the bytes if they may be sent now. Writes to the disk if there is a limit. */
    public synchronized Grant take(long bytes) {
        Grant grant = ask(bytes);
        if (grant == Grant.NOW) {
            ledger.add(bytes, bytesPerHour > 0 || bytesPerDay > 0);
        }
        return grant;
    }

    /** Bytes taken in the last hour. */
    public synchronized long lastHour() {
        return ledger.sent(HOUR);
    }

    /** Bytes taken in the last day. */
    public synchronized long lastDay() {
        return ledger.sent(TrafficLedger.DAY);
    }

    private boolean withinBurst(long bytes) {
        long sent = ledger.sent(BURST);
        return sent == 0 || sent + bytes <= Math.max(LEAST_BURST, bytesPerHour / (HOUR / BURST));
    }
}
