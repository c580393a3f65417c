/** What time it is, on a machine that may not know. Everyone who compares times of certificates or ages asks here. */
package io.cema.edge.clock;
