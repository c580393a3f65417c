package io.cema.cloud.messaging;

import java.time.Instant;

/**
 * What a message in the outbox says besides its payload, where it wants an answer.
 *
 * @param expiresAt after which neither the outbox nor the broker delivers it any more
 * @param responseTopic where the answer goes
 * @param correlation what the answer carries again
 */
public record OutboxQuestion(Instant expiresAt, String responseTopic, byte[] correlation) {}
