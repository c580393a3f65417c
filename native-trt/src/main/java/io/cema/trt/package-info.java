/**
 * TensorRT: build, refit, run. A library of its own that knows nothing of its users. {@link io.cema.trt.TensorRt} is the
 * door: it finds driver and libraries and opens what the others need. Nothing else in the house imports the bindings.
 */
package io.cema.trt;
