/**
 * What a model is to both sides: its manifest, its normalisation layers, their effective affine parameters, and the
 * compact codec that carries those over the link.
 */
package io.cema.protocol.model;
