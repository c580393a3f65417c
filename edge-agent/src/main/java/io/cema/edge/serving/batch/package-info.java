/** Joins requests that wait at the same time into one run of the engine. Knows models, no protocols. */
package io.cema.edge.serving.batch;
