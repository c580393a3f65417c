/**
 * The agent's own software: fetches, checks and unpacks the version that is wished, beside the one that runs, and confirms
 * itself once it is healthy. Starting, counting and going back is the launcher's work (ops/package): what is broken cannot.
 */
package io.cema.edge.software;
