/** Keeps the log from growing with what goes wrong again and again. Anyone who logs may enter; knows nothing of the agent. */
package io.cema.edge.logging;
