/**
 * Traces over the way of the data: what stands in messages (W3C Trace Context), and the way of spans to a collector (OTLP).
 * The only place that knows OpenTelemetry's SDK; everybody else sees its API.
 */
package io.cema.protocol.trace;
