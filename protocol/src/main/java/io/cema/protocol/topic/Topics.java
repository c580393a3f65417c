package io.cema.protocol.topic;

/**
 * Builds and parses topics below {@code cema/v1/{tenant}/}. Ids match {@code [A-Za-z0-9_-]{1,30}}; anything else is an
 * IllegalArgumentException naming the id.
 */
public final class Topics {
    private Topics() {}

    public enum DeviceLeaf {
        PRESENCE,
        SAMPLES,
        ACK,
        TELEMETRY,
        REPORTED,
        DESIRED,
        EVENT,
        COMMAND,
        RESPONSE
    }

    public static String device(String tenant, String device, DeviceLeaf leaf) {
        throw new UnsupportedOperationException("protocol room");
    }

    /** Filter for one leaf of every device of a tenant. */
    public static String allDevices(String tenant, DeviceLeaf leaf) {
        throw new UnsupportedOperationException("protocol room");
    }

    /** {@code $share/group/filter}. */
    public static String shared(String group, String filter) {
        throw new UnsupportedOperationException("protocol room");
    }

    /** @param model digest (64 hex) or short digest (16 hex) */
    public static String update(String tenant, String cohort, String model, String channel) {
        throw new UnsupportedOperationException("protocol room");
    }

    /** @throws IllegalArgumentException if the topic is not of this grammar */
    public static Topic parse(String topic) {
        throw new UnsupportedOperationException("protocol room");
    }

    /** A parsed topic. */
    public sealed interface Topic {
        String tenant();
    }

    public record DeviceTopic(String tenant, String device, DeviceLeaf leaf) implements Topic {}

    public record UpdateTopic(String tenant, String cohort, String model, String channel) implements Topic {}
}
