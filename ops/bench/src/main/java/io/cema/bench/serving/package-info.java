/** The edge agent as a server: its throughput and latency against the bare engine, and hours under load and outages. */
package io.cema.bench.serving;
