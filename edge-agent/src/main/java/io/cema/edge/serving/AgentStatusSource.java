package io.cema.edge.serving;

/** Knows the agent's state; any thread, must not block. */
public interface AgentStatusSource {
    AgentStatus status();
}
