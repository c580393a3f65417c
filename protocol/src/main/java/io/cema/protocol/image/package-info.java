/**
 * Images as they travel: the lossless codec for raw frames and the decoding of every accepted format to RGB. Knows
 * pixels, not models.
 */
package io.cema.protocol.image;
