/** TensorRT: build, refit, run. A library of its own that knows nothing of CEMA. */
package io.cema.trt;
