/** Broker and database for one machine: HiveMQ CE embedded and a real PostgreSQL, in a process of their own. */
package io.cema.ops.stack;
