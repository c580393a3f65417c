/**
 * The Reactive Messaging connector {@code cema-mqtt}, a thin adapter over the protocol's MqttLink, and the outbox that
 * alone publishes downlink messages. Features send through the outbox and receive through channels.
 */
package io.cema.cloud.messaging;
