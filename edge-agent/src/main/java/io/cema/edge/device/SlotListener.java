package io.cema.edge.device;

import io.cema.edge.update.UpdateResult;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Slot;

/** Told what becomes of the slot; called on the slot's thread. */
public interface SlotListener {
    /** The cloud's newest word, signature checked; whether it can be fulfilled shows later. */
    void wished(DesiredState desired);

    /** A model is in use, or the terms under which it is have changed. */
    void activated(ActivatedSlot slot);

    /** The cloud wants no model on this device any more. */
    void emptied(long desiredVersion);

    /** A step on the way of a model, or its failure. */
    void model(DeviceEvent.Type type, Slot slot, String reason);

    /**
     * An update was dealt with.
     *
     * @param bytes MQTT payload bytes of the message, 0 for a roll-back
     */
    void update(UpdateResult result, long bytes);

    /** Why the desired state is not in force; empty when it is. */
    void problem(String problem);
}
