/**
 * From a dense float32 classifier to a 2:4 sparse, INT8 one in the Q/DQ format, with distillation from the dense model, and
 * still adaptable. {@link io.cema.cloud.compression.Compressor} is plain Java and the door; the job API stands on it.
 */
package io.cema.cloud.compression;
