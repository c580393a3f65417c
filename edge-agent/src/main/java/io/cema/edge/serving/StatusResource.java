package io.cema.edge.serving;

import io.smallrye.mutiny.Multi;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.jboss.resteasy.reactive.RestStreamElementType;

/** The agent's own endpoints beside the Open Inference Protocol: its state, and the stream of predictions. */
@Path("/v2/cema")
class StatusResource {
    private final AgentStatusSource source;
    private final PredictionStream stream;

    StatusResource(AgentStatusSource source, PredictionStream stream) {
        this.source = source;
        this.stream = stream;
    }

    @GET
    @Path("/status")
    public AgentStatus status() {
        return source.status();
    }

    /** Predictions and the fate of updates from now on, one JSON object per event. */
    @GET
    @Path("/predictions")
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @RestStreamElementType(MediaType.TEXT_PLAIN)
    public Multi<String> predictions() {
        return stream.events();
    }
}
