/** What clocks have in common, whatever they go by. */
package io.cema.protocol.clock;
