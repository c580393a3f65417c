/**
 * Repeated requests: a POST with an Idempotency-Key is done once, and its answer given again for a day. Works before and
 * behind every resource; none has to know of it.
 */
package io.cema.cloud.http.idempotency;
