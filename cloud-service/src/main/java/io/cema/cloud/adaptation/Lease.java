package io.cema.cloud.adaptation;

/**
 * The right to train and publish one loop, until someone with a higher token has it.
 *
 * @param holder the process
 * @param fencing token, rises with every take-over; every write of the loop checks it
 */
record Lease(LoopKey key, String holder, long fencing) {}
