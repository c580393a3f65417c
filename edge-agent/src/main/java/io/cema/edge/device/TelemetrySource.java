package io.cema.edge.device;

import io.cema.protocol.message.Telemetry;

/** Adds its own counters to a telemetry message; called on the device's thread, must not block. */
public interface TelemetrySource {
    void fill(Telemetry.Builder telemetry);
}
