/** The model registry: ONNX in, manifest out, pairs, and the artefact store (content-addressed bytes). */
package io.cema.cloud.model;
