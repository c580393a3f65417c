/**
 * Tells other systems what happens: live events by HTTP, signed, at least once. A trigger of the database writes what is to be
 * told in the transaction of the event; a courier in each process delivers it. Reaches out to no address that is not allowed.
 */
package io.cema.cloud.webhook;
