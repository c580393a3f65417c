package io.cema.cloud.rollout.model;

/** How far a device is with a rollout's model: by its own events and reported state. */
enum DeviceState {
    /** Its wave has not begun, or it has not been heard of since. */
    PENDING,
    DOWNLOADING,
    DOWNLOADED,
    VERIFIED,
    APPLIED,
    /** It could not take the model, refused it, or left it by itself. */
    FAILED
}
