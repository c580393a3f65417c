/**
 * The topic grammar: builds, parses and filters topics. The only place that knows a topic string; everyone who
 * publishes or subscribes enters here.
 */
package io.cema.protocol.topic;
