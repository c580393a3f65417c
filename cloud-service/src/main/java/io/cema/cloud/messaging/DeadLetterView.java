package io.cema.cloud.messaging;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Optional;

/** A dead letter as REST shows it. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
record DeadLetterView(
        long id,
        String topic,
        Optional<String> device,
        Optional<String> sampleId,
        String reason,
        int keptBytes,
        Instant receivedAt) {}
