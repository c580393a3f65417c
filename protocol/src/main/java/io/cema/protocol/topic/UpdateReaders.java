package io.cema.protocol.topic;

import io.cema.protocol.topic.Topics.UpdateTopic;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which device may read which update topics: those of its slots, as the cloud knows them, for brokers. Whom it does not name
 * reads none. Immutable.
 *
 * <p>Its text is in the language of Mosquitto's access files, {@code user} and {@code topic read}, which that broker takes
 * as it is.
 */
public final class UpdateReaders {
    /** What a signature says of its text, see {@link io.cema.protocol.signature.SignedLines}. */
    public static final String SIGNED = "cema.v1.slots";

    public static final UpdateReaders NOBODY = new UpdateReaders(Map.of());

    private static final String USER = "user ";
    private static final String TOPIC = "topic read ";

    private final Map<Principal.Device, Set<String>> topics;

    private UpdateReaders(Map<Principal.Device, Set<String>> topics) {
        this.topics = Collections.unmodifiableMap(topics);
    }

    /** @throws IllegalArgumentException if one of them is no update topic of its device's tenant */
    public static UpdateReaders of(Map<Principal.Device, ? extends Collection<String>> topics) {
        Map<String, String> known = new HashMap<>(); // the devices of a cohort share a topic, and its text
        Map<Principal.Device, Set<String>> all = new LinkedHashMap<>();
        topics.forEach((device, own) -> {
            Set<String> checked = new TreeSet<>();
            for (String topic : own) {
                require(device, topic);
                checked.add(known.computeIfAbsent(topic, t -> t));
            }
            all.put(device, checked);
        });
        return new UpdateReaders(all);
    }

    /** Reads {@link #text}; comments and empty lines count nothing. Fails as {@link #of}, naming the line. */
    public static UpdateReaders parse(String text) {
        Map<Principal.Device, Set<String>> all = new LinkedHashMap<>();
        Set<String> own = null;
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            if (line.startsWith(USER)) {
                own = all.computeIfAbsent(device(line.substring(USER.length()), number), d -> new TreeSet<>());
            } else if (line.startsWith(TOPIC) && own != null) {
                own.add(line.substring(TOPIC.length()));
            } else if (!line.isBlank() && !line.startsWith("#")) {
                throw new IllegalArgumentException(
                        "line " + number + " is neither \"user DEVICE\" nor \"topic read TOPIC\" behind one: " + line);
            }
        }
        return of(all);
    }

    public boolean mayRead(Principal.Device device, String topic) {
        return topics.getOrDefault(device, Set.of()).contains(topic);
    }

    /** How many devices it names. */
    public int devices() {
        return topics.size();
    }

    /** The same for the same readers, whatever order they were given in: devices and topics by name. */
    public String text() {
        StringBuilder text = new StringBuilder();
        topics.keySet().stream()
                .map(Principal.Device::commonName)
                .sorted()
                .map(name -> (Principal.Device) Principal.parse(name))
                .forEach(device -> {
                    text.append(USER).append(device.commonName()).append('\n');
                    topics.get(device)
                            .forEach(topic -> text.append(TOPIC).append(topic).append('\n'));
                });
        return text.toString();
    }

    private static Principal.Device device(String name, int line) {
        if (Principal.parse(name) instanceof Principal.Device device) {
            return device;
        }
        throw new IllegalArgumentException("line " + line + ": " + name + " is no device's name, {tenant}/d/{device}");
    }

    private static void require(Principal.Device device, String topic) {
        if (!(Topics.parse(topic) instanceof UpdateTopic update)
                || !update.tenant().equals(device.tenant())) {
            throw new IllegalArgumentException(
                    "\"" + topic + "\" is no update topic of the tenant of " + device.commonName());
        }
    }
}
