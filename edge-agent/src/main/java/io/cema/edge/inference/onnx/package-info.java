/** InferenceEngine on ONNX Runtime; the only package that imports it. */
package io.cema.edge.inference.onnx;
