package io.cema.edge.device;

import io.cema.protocol.message.Slot;
import io.cema.protocol.model.ModelManifest;

/**
 * The slot whose model is in use.
 *
 * @param desiredVersion version of the desired state it comes from
 * @param slot as the cloud wants it
 * @param manifest of its model
 */
public record ActivatedSlot(long desiredVersion, Slot slot, ModelManifest manifest) {}
