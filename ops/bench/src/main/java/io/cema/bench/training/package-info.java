/**
 * Supervised training of small image classifiers from ONNX to ONNX, and their evaluation. Knows image sets and nets,
 * not signs; libtorch stays behind {@link io.cema.cloud.adaptation.torch.SupervisedTrainer}.
 */
package io.cema.bench.training;
