package io.cema.demo;

import io.cema.protocol.image.Image;
import java.util.List;

/**
 * The stream as it will be shown.
 *
 * @param agents one entry per agent
 * @param samples a few images of each phase, for the report
 */
record DemoStream(Scenario scenario, List<AgentStream> agents, List<List<Image>> samples) {
    DemoStream {
        agents = List.copyOf(agents);
        samples = samples.stream().map(List::copyOf).toList();
    }

    int frames() {
        return agents.stream().mapToInt(AgentStream::frames).sum();
    }
}
