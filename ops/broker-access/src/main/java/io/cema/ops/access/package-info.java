/**
 * The HiveMQ extension that lets clients in by certificate and holds them to the contract's access list. The broker
 * alone enters, through {@link io.cema.ops.access.AccessExtension}. Nothing here fails open: without a readable
 * revocation list nobody is let in, without a list of slots no device reads updates.
 */
package io.cema.ops.access;
