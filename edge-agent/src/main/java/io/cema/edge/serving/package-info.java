/** What applications see: the Open Inference Protocol v2 endpoints and the stream of predictions. */
package io.cema.edge.serving;
