package io.cema.cloud.ingest;

/** Where an image of several parts stands after one more part became durable. */
sealed interface PartState {
    /** Parts are still missing. */
    record Waiting() implements PartState {}

    /** The image was joined before. */
    record Joined() implements PartState {}

    /** All parts are here. */
    record Complete(byte[] image) implements PartState {}
}
