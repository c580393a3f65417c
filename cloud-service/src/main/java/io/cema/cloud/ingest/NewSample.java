package io.cema.cloud.ingest;

import io.cema.protocol.message.SamplePart;

/** An image whose bytes are durable in the artefact store, about to become a row. */
record NewSample(String device, SamplePart part, ReceivedImage image, String artefact, boolean heldBack) {}
