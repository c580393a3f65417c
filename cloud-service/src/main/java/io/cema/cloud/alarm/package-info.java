/**
 * What is wrong and stays so until it is well again or somebody says so: one open alarm for each thing. Features raise and
 * clear them in their own transactions; each change is a live event, and so reaches webhooks.
 */
package io.cema.cloud.alarm;
