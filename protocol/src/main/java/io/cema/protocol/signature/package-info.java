/**
 * Ed25519 envelopes: sealing on the cloud, opening on the edge. A signature covers topic and type, so a message
 * cannot be replayed elsewhere.
 */
package io.cema.protocol.signature;
