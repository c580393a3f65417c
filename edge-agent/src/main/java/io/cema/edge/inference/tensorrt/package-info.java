/**
 * InferenceEngine on TensorRT, the only package that sees io.cema.trt. A plan is built once for what an update cannot
 * change, and refitted for every update on an engine that serves nobody meanwhile. Softmax, entropy and the best class stay
 * on the CPU: for a thousand classes they take microseconds on 4 KB that have to come over anyway.
 */
package io.cema.edge.inference.tensorrt;
