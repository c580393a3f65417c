package io.cema.protocol.topic;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Builds and parses topics below {@code cema/v1/{tenant}/}. Ids match {@code [A-Za-z0-9_-]{1,30}}; anything else is an
 * IllegalArgumentException naming the id.
 */
public final class Topics {
    private static final String ROOT = "cema/v1";
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,30}");
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{16}|[0-9a-f]{64}");
    private static final Pattern SHORT_DIGEST = Pattern.compile("[0-9a-f]{16}");
    private static final int SHORT_DIGEST_LENGTH = 16;

    private Topics() {}

    /** The last level of a device's topics: its lower-case name. */
    public enum DeviceLeaf {
        PRESENCE,
        SAMPLES,
        ACK,
        TELEMETRY,
        REPORTED,
        DESIRED,
        EVENT,
        COMMAND,
        RESPONSE,
        STATISTICS;

        private final String level = name().toLowerCase(Locale.ROOT);

        private static DeviceLeaf of(String level, String topic) {
            for (DeviceLeaf leaf : values()) {
                if (leaf.level.equals(level)) {
                    return leaf;
                }
            }
            throw new IllegalArgumentException("topic \"" + topic + "\": devices have no topic \"" + level + "\"");
        }
    }

    public static String device(String tenant, String device, DeviceLeaf leaf) {
        return ROOT + "/" + id("tenant", tenant) + "/d/" + id("device", device) + "/" + leaf.level;
    }

    /** Filter for one leaf of every device of a tenant. */
    public static String allDevices(String tenant, DeviceLeaf leaf) {
        return ROOT + "/" + id("tenant", tenant) + "/d/+/" + leaf.level;
    }

    /** What every topic of a tenant begins with, its last slash included. */
    static String tenantRoot(String tenant) {
        return ROOT + "/" + id("tenant", tenant) + "/";
    }

    /** {@code $share/group/filter}. */
    public static String shared(String group, String filter) {
        if (filter.isEmpty() || filter.startsWith("$share/")) {
            throw new IllegalArgumentException("filter \"" + filter + "\" cannot be shared: it is "
                    + (filter.isEmpty() ? "empty" : "shared already"));
        }
        return "$share/" + id("share group", group) + "/" + filter;
    }

    /** @param model digest (64 hex) or short digest (16 hex) */
    public static String update(String tenant, String cohort, String model, String channel) {
        if (model == null || !DIGEST.matcher(model).matches()) {
            throw new IllegalArgumentException(
                    "model \"" + model + "\" is not a digest: need 64 (or the first 16) lower-case hex digits");
        }
        return ROOT + "/" + id("tenant", tenant) + "/c/" + id("cohort", cohort) + "/"
                + model.substring(0, SHORT_DIGEST_LENGTH) + "/" + id("channel", channel) + "/update";
    }

    /** @throws IllegalArgumentException if the topic is not of this grammar */
    public static Topic parse(String topic) {
        String[] levels = topic.split("/", -1);
        if (levels.length < 6 || !levels[0].equals("cema") || !levels[1].equals("v1")) {
            throw new IllegalArgumentException("topic \"" + topic + "\" is not below cema/v1/{tenant}/");
        }
        String tenant = id("tenant", levels[2]);
        if (levels[3].equals("d") && levels.length == 6) {
            return new DeviceTopic(tenant, id("device", levels[4]), DeviceLeaf.of(levels[5], topic));
        }
        if (levels[3].equals("c") && levels.length == 8 && levels[7].equals("update")) {
            if (!SHORT_DIGEST.matcher(levels[5]).matches()) {
                throw new IllegalArgumentException("topic \"" + topic + "\": \"" + levels[5]
                        + "\" is not the first 16 lower-case hex digits of a digest");
            }
            return new UpdateTopic(tenant, id("cohort", levels[4]), levels[5], id("channel", levels[6]));
        }
        throw new IllegalArgumentException(
                "topic \"" + topic + "\" is neither d/{device}/{leaf} nor c/{cohort}/{model}/{channel}/update");
    }

    /** Returns {@code id}, or throws an IllegalArgumentException that names it as {@code what}. */
    public static String id(String what, String id) {
        if (id == null || !ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    what + " \"" + id + "\" is not an id: need 1 to 30 of A-Z, a-z, 0-9, _ and -");
        }
        return id;
    }

    /** A parsed topic. */
    public sealed interface Topic {
        String tenant();
    }

    public record DeviceTopic(String tenant, String device, DeviceLeaf leaf) implements Topic {}

    /** @param model first 16 hex digits of the model's digest */
    public record UpdateTopic(String tenant, String cohort, String model, String channel) implements Topic {}
}
