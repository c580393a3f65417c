package io.cema.edge.device;

import io.cema.edge.update.UpdateResult;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Slot;

/** Told what becomes of the slots; called on their threads, several at a time, of one slot one after the other. */
public interface SlotListener {
    /** The cloud's newest word, signature checked; whether it can be fulfilled shows later. */
    void wished(DesiredState desired);

    /** A slot's model is in use, or the terms under which it is have changed. */
    void activated(ActivatedSlot slot);

    /** A slot is no more, its model is not in use any more. */
    void removed(Slot slot);

    /** All slots of the desired state are in force, and no other. */
    void inForce(DesiredState desired);

    /** A step on the way of a model, or its failure. */
    void model(DeviceEvent.Type type, Slot slot, String reason);

    /**
     * An update was dealt with.
     *
     * @param slot whose update it was
     * @param bytes MQTT payload bytes of the message, 0 for a roll-back
     */
    void update(UpdateResult result, Slot slot, long bytes);

    /** Why the desired state is not in force; empty when it is. */
    void problem(String problem);
}
