package io.cema.cloud.messaging;

import io.cema.protocol.topic.Topics;
import java.util.Arrays;
import java.util.Optional;

/**
 * A message that will never be processed.
 *
 * @param device the sender, if the topic names one
 * @param sampleId the sample, if one could be read
 * @param reason what was wrong and what to do
 * @param payload what came, at most {@link #KEPT_BYTES} of it
 */
public record DeadLetter(
        String topic, Optional<String> device, Optional<String> sampleId, String reason, byte[] payload) {
    /** More of a payload is not kept: it would be a way to fill the database. */
    public static final int KEPT_BYTES = 64 * 1024;

    private static final int REASON_LENGTH = 1000;

    public DeadLetter {
        reason = printable(reason, REASON_LENGTH);
        sampleId = sampleId.map(id -> printable(id, 64));
        payload = payload.length > KEPT_BYTES ? Arrays.copyOf(payload, KEPT_BYTES) : payload;
    }

    /** A dead letter of which only the topic could be read. */
    public static DeadLetter of(String topic, byte[] payload, String reason) {
        return new DeadLetter(topic, deviceOf(topic), Optional.empty(), reason, payload);
    }

    private static Optional<String> deviceOf(String topic) {
        try {
            return Topics.parse(topic) instanceof Topics.DeviceTopic device
                    ? Optional.of(device.device())
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String printable(String text, int length) {
        String clean = String.valueOf(text).replaceAll("\\p{Cntrl}", "?");
        return clean.length() > length ? clean.substring(0, length) : clean;
    }
}
