/**
 * Commands to single devices and their answers, durable in the database. Sent by the outbox; whoever of the replicas
 * receives an answer writes it down.
 */
package io.cema.cloud.fleet.command;
