/**
 * ONNX files as both sides must read them alike: parsing with checks, tensors, and where the normalisation layers
 * stand. Execution is elsewhere (the engine on the edge, libtorch in the cloud).
 */
package io.cema.protocol.onnx;
