/**
 * One MQTT 5 session over HiveMQ's client: {@link io.cema.protocol.mqtt.MqttLink}. The only package that may import
 * that client; cloud, edge and simulator enter through the link.
 */
package io.cema.protocol.mqtt;
