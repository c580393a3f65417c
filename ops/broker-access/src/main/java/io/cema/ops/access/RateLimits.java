package io.cema.ops.access;

import java.util.Properties;

/**
 * What one device may publish: so much a second on average, and a burst beyond it. The defaults let a device empty a
 * spool of some hundred images after an outage without noticing; they stop one that would fill a link by itself.
 *
 * @param messagesPerSecond above 0
 * @param messagesBurst at least 1
 * @param bytesPerSecond of payload, above 0
 * @param bytesBurst of payload, at least 1; a larger message passes, but the device waits for it
 */
record RateLimits(double messagesPerSecond, double messagesBurst, double bytesPerSecond, double bytesBurst) {
    private static final int MIB = 1024 * 1024;

    RateLimits {
        require(messagesPerSecond > 0, "rate.messages-per-second", messagesPerSecond, "above 0");
        require(messagesBurst >= 1, "rate.messages-burst", messagesBurst, "at least 1");
        require(bytesPerSecond > 0, "rate.bytes-per-second", bytesPerSecond, "above 0");
        require(bytesBurst >= 1, "rate.bytes-burst", bytesBurst, "at least 1");
    }

    static RateLimits defaults() {
        return new RateLimits(50, 1_000, MIB, 32 * MIB);
    }

    /**
     * Settings {@code rate.messages-per-second}, {@code rate.messages-burst}, {@code rate.bytes-per-second} and {@code
     * rate.bytes-burst}; what is absent has its default.
     *
     * @throws IllegalArgumentException naming the setting that is not a number in its range
     */
    static RateLimits of(Properties settings) {
        RateLimits defaults = defaults();
        return new RateLimits(
                number(settings, "rate.messages-per-second", defaults.messagesPerSecond),
                number(settings, "rate.messages-burst", defaults.messagesBurst),
                number(settings, "rate.bytes-per-second", defaults.bytesPerSecond),
                number(settings, "rate.bytes-burst", defaults.bytesBurst));
    }

    private static double number(Properties settings, String name, double otherwise) {
        String text = settings.getProperty(name);
        try {
            return text == null ? otherwise : Double.parseDouble(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("setting " + name + " must be a number, is '" + text + "'", e);
        }
    }

    private static void require(boolean holds, String name, double value, String range) {
        if (!holds || !Double.isFinite(value)) {
            throw new IllegalArgumentException("setting " + name + " must be " + range + ", is " + value);
        }
    }
}
