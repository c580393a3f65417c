/**
 * The command line of the fleet: one small class per resource, on the client that is generated from the OpenAPI document.
 * {@link io.cema.cli.Cema} knows the server, the token, the form of output and the exit codes.
 */
package io.cema.cli;
