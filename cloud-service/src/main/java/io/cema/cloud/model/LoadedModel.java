package io.cema.cloud.model;

import io.cema.protocol.model.ModelManifest;

/**
 * A registered model with its bytes. The array is owned by the record; do not write to it.
 *
 * @param onnx the ONNX artefact
 */
public record LoadedModel(byte[] onnx, ModelManifest manifest) {}
