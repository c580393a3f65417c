package io.cema.cloud.ingest;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What ingest takes and keeps. */
@ConfigMapping(prefix = "cema.ingest")
interface IngestSettings {
    /** Largest MQTT payload of one part, in bytes. */
    @WithDefault("1114112")
    int maxPayloadBytes();

    /** Largest image, in encoded bytes, over all its parts. */
    @WithDefault("16777216")
    int maxImageBytes();

    /** Most parts an image may come in. */
    @WithDefault("256")
    int maxParts();

    /** Most messages stored in one transaction. */
    @WithDefault("64")
    int batch();

    /** Share of the selected images kept from training, for the gate. */
    @WithDefault("0.16666667")
    double heldBackShare();

    /** Images whose remaining parts have not come for so long are given up; the device sends them anew. */
    @WithDefault("P2D")
    Duration partExpiry();
}
