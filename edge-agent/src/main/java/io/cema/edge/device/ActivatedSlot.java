package io.cema.edge.device;

import io.cema.edge.selection.DomainObserver;
import io.cema.edge.update.ShadowFrames;
import io.cema.protocol.message.Slot;
import io.cema.protocol.model.ModelManifest;

/**
 * A slot whose model is in use.
 *
 * @param slot as the cloud wants it
 * @param before as it was before; the default instance for one that was not there
 * @param manifest of its model
 * @param shadow where inputs of the model go; the slot's own, whichever model it has
 * @param domains to be told of changes of domain
 */
public record ActivatedSlot(
        Slot slot, Slot before, ModelManifest manifest, ShadowFrames shadow, DomainObserver domains) {}
