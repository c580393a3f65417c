package io.cema.cloud.webhook;

/**
 * One that this process has claimed.
 *
 * @param attempt 1 for the first
 * @param body as it goes out
 */
record Delivery(String id, String webhook, String url, byte[] secret, byte[] body, int attempt) {}
