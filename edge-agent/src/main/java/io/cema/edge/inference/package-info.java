/** InferenceEngine, the port to the hardware, and what a prediction is. Implementations live in sub-packages. */
package io.cema.edge.inference;
