package io.cema.cloud.messaging;

/** Fired (CDI, on a link's thread; observers must return at once) after each successful connect of a session. */
record BrokerConnected(String clientId) {}
