/**
 * TLS by PEM files, for the broker and for the cloud's HTTP side: whom to trust, at which moment, and who we are. Java's own
 * engine does the rest.
 */
package io.cema.protocol.tls;
