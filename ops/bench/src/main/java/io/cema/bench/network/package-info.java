/**
 * The networks that engines are timed on: the shapes of a ResNet-50 and a DeiT-B with weights drawn from a seed, in float32,
 * float16, INT8 and 2:4 sparse INT8. Times depend on shapes and number formats, not on what weights mean.
 */
package io.cema.bench.network;
