/**
 * Watches for devices that are unlike the rest of their cohort and sets them apart: their uploads are kept and not learnt
 * from until an operator decides. Knows samples and cohorts; adaptation knows of it only the table it writes.
 */
package io.cema.cloud.guard;
