package io.cema.edge.device;

import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Slot;

/**
 * How far the device is with the model that it is wished to run.
 *
 * @param slot the cohort, empty without one
 * @param digest SHA-256 of the model, empty without one
 * @param received bytes of it on disk
 * @param size bytes of the whole
 * @param reason why it failed, empty otherwise
 */
public record ModelProgress(State state, String slot, String digest, long received, long size, String reason) {
    public static final ModelProgress NONE = new ModelProgress(State.NONE, "", "", 0, 0, "");

    /** In this order; from any of them it may fail, and go on from there. */
    public enum State {
        NONE,
        /** Also while a broken line is waited for. */
        DOWNLOADING,
        /** On disk, with the digest that the signed desired state names. */
        DOWNLOADED,
        /** Loaded beside the one in use, and found to compute. */
        VERIFIED,
        /** It serves. */
        APPLIED,
        /** The model before it, if there was one, serves on. */
        FAILED
    }

    static ModelProgress of(DeviceEvent.Type step, Slot slot, String reason) {
        return new ModelProgress(
                State.valueOf(step.name()), slot.getCohort(), slot.getModelDigest(), 0, slot.getModelSize(), reason);
    }

    ModelProgress received(long bytes) {
        return new ModelProgress(state, slot, digest, bytes, size, reason);
    }
}
