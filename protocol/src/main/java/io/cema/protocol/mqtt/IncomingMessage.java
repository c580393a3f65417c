package io.cema.protocol.mqtt;

import java.util.Map;
import java.util.Optional;

/** A message that arrived. Its PUBACK goes out when {@link #acknowledge()} is called, and not before. */
public interface IncomingMessage {
    String topic();

    byte[] payload();

    int qos();

    /** True if the broker sent it because it was retained, at subscription. */
    boolean retained();

    Map<String, String> userProperties();

    Optional<String> responseTopic();

    Optional<byte[]> correlationData();

    /** Sends the PUBACK (QoS 1). Idempotent. Any thread. After a reconnect the broker delivers again instead. */
    void acknowledge();
}
