/**
 * The audit log: who did what to what, when, from where. Entered by a filter for every changing request; features that
 * change things on behalf of a device write their entry in the transaction of the change. And the live events, which any
 * feature appends to and whoever watches gets as a stream.
 */
package io.cema.cloud.event;
