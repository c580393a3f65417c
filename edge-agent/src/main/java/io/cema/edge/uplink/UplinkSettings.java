package io.cema.edge.uplink;

import java.time.Duration;

/**
 * How samples are sent.
 *
 * @param maxOutstanding samples sent and not yet acknowledged by the cloud, at least 1
 * @param partBytes image bytes in one message, 1 KiB to 64 KiB
 * @param ackTimeout after which an unacknowledged sample is sent again; doubled with every try, up to 32 times
 */
public record UplinkSettings(int maxOutstanding, int partBytes, Duration ackTimeout) {
    public UplinkSettings {
        if (maxOutstanding < 1) {
            throw new IllegalArgumentException("uplink max-outstanding must be at least 1, is " + maxOutstanding);
        }
        if (partBytes < 1024 || partBytes > 64 * 1024) {
            throw new IllegalArgumentException("uplink part-bytes must be 1024 to 65536, is " + partBytes);
        }
        if (ackTimeout.toMillis() < 1) {
            throw new IllegalArgumentException("uplink ack-timeout must be above 0, is " + ackTimeout);
        }
    }
}
