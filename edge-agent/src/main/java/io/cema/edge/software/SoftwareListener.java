package io.cema.edge.software;

import io.cema.protocol.message.DeviceEvent;

/** Told what becomes of the agent's software; called on the updater's thread. */
public interface SoftwareListener {
    /** A step on the way to another version, or its failure. */
    void agent(DeviceEvent.Type type, String version, String reason);
}
