package io.cema.edge.device;

import io.cema.protocol.message.Telemetry;

/** Adds its own counters to a telemetry message; called on the device's thread, which a sensor may hold for milliseconds. */
public interface TelemetrySource {
    void fill(Telemetry.Builder telemetry);
}
