package io.cema.cloud.event;

import java.util.Optional;

/**
 * Which live events are wanted.
 *
 * @param type the beginning of a type
 * @param subject the beginning of a subject
 */
record LiveEventFilter(Optional<String> type, Optional<String> subject) {}
