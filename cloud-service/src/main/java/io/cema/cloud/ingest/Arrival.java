package io.cema.cloud.ingest;

import io.cema.cloud.messaging.DeadLetter;
import io.cema.protocol.message.SamplePart;

/** One message of the samples channel, read but not yet judged against the fleet. */
sealed interface Arrival {
    /** @param device the sender, from the topic, which the authenticated session vouches for */
    record Part(String topic, String device, SamplePart part, byte[] payload) implements Arrival {}

    record Unreadable(DeadLetter letter) implements Arrival {}
}
