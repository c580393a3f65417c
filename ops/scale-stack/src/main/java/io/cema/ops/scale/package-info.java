/**
 * A Kafka node and an S3 store of one machine, each in a process of its own. For tests and measurements of a cloud of several
 * processes; nothing of it goes into a product.
 */
package io.cema.ops.scale;
