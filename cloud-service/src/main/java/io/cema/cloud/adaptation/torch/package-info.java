/**
 * An ONNX graph as differentiable libtorch operations. The only room (with compression) that knows libtorch; it knows
 * nothing of cohorts, databases or messages.
 */
package io.cema.cloud.adaptation.torch;
