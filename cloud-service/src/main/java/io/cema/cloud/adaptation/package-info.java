/**
 * One AdaptationLoop per (cohort, edge model): replay, foundation step, distillation, gate, publication. Reads samples
 * from ingest, writes updates through the outbox.
 */
package io.cema.cloud.adaptation;
