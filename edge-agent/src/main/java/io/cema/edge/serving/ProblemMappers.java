package io.cema.edge.serving;

import io.cema.edge.inference.InferenceException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Errors in the form of the Open Inference Protocol. */
class ProblemMappers {
    @ServerExceptionMapper
    Response refused(InferenceRequestException e) {
        return problem(e.status(), e.getMessage());
    }

    @ServerExceptionMapper
    Response failed(InferenceException e) {
        return problem(500, e.getMessage());
    }

    private static Response problem(int status, String message) {
        return Response.status(status)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(new OpenInference.Problem(message))
                .build();
    }
}
