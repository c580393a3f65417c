package io.cema.protocol.topic;

import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.cema.protocol.topic.Topics.DeviceTopic;
import io.cema.protocol.topic.Topics.Topic;
import io.cema.protocol.topic.Topics.UpdateTopic;
import java.util.Optional;
import java.util.Set;

/**
 * Who may publish and subscribe to what: the section "Who may do what" of the contract. A broker asks it; what it does
 * not name is refused. The slots of devices are {@link UpdateReaders}, which the broker is told.
 */
public final class AccessList {
    private static final Set<DeviceLeaf> DEVICE_PUBLISHES = Set.of(
            DeviceLeaf.PRESENCE,
            DeviceLeaf.SAMPLES,
            DeviceLeaf.TELEMETRY,
            DeviceLeaf.REPORTED,
            DeviceLeaf.EVENT,
            DeviceLeaf.RESPONSE,
            DeviceLeaf.STATISTICS);
    private static final Set<DeviceLeaf> DEVICE_READS =
            Set.of(DeviceLeaf.DESIRED, DeviceLeaf.COMMAND, DeviceLeaf.ACK, DeviceLeaf.PRESENCE);
    private static final String SHARE = "$share/";

    private AccessList() {}

    /** Whether it may publish there, or name the topic in its will. */
    public static boolean mayPublish(Principal principal, String topic) {
        return parsed(topic).filter(t -> t.tenant().equals(principal.tenant())).isPresent()
                && (principal instanceof Principal.Service || ownTopic(principal, topic, DEVICE_PUBLISHES));
    }

    /**
     * Whether it may subscribe to that filter, and be given what is published there. A device names each of its topics: it
     * may use no wildcard and no shared subscription. A service may use both below its tenant.
     */
    public static boolean maySubscribe(Principal principal, String filter, UpdateReaders readers) {
        if (principal instanceof Principal.Device device) {
            return ownTopic(device, filter, DEVICE_READS) || readers.mayRead(device, filter);
        }
        return unshared(filter).startsWith(Topics.tenantRoot(principal.tenant()));
    }

    /** Whether a device may be given that subscription once it has the slot: the broker may be told of that a moment later. */
    public static boolean mayYetSubscribe(Principal principal, String filter) {
        return principal instanceof Principal.Device device
                && parsed(filter).orElse(null) instanceof UpdateTopic update
                && update.tenant().equals(device.tenant());
    }

    private static boolean ownTopic(Principal principal, String topic, Set<DeviceLeaf> leaves) {
        return principal instanceof Principal.Device device
                && parsed(topic).orElse(null) instanceof DeviceTopic named
                && named.tenant().equals(device.tenant())
                && named.device().equals(device.device())
                && leaves.contains(named.leaf());
    }

    private static Optional<Topic> parsed(String topic) {
        try {
            return Optional.of(Topics.parse(topic));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // not of the grammar, so nobody's
        }
    }

    private static String unshared(String filter) {
        if (!filter.startsWith(SHARE)) {
            return filter;
        }
        int group = filter.indexOf('/', SHARE.length());
        return group < 0 ? "" : filter.substring(group + 1);
    }
}
