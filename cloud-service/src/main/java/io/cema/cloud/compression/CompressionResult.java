package io.cema.cloud.compression;

import io.cema.protocol.model.ModelManifest;

/**
 * @param onnx the compressed model's file
 * @param manifest its manifest; for each normalisation layer it names what an update rewrites
 * @param report what was done
 */
public record CompressionResult(byte[] onnx, ModelManifest manifest, CompressionReport report) {}
