package io.cema.edge.serving;

import io.cema.edge.inference.InferenceException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Errors in the form of the Open Inference Protocol. */
class ProblemMappers {
    @ServerExceptionMapper
    Response refused(InferenceRequestException e) {
        Response.ResponseBuilder response = Response.status(e.refusal().httpStatus());
        e.refusal().retrySeconds().ifPresent(s -> response.header(HttpHeaders.RETRY_AFTER, s));
        return problem(response, e.getMessage());
    }

    @ServerExceptionMapper
    Response failed(InferenceException e) {
        return problem(Response.status(500), e.getMessage());
    }

    /** No such path, method or type. */
    @ServerExceptionMapper
    Response misdirected(WebApplicationException e, UriInfo uri) {
        Response response = e.getResponse();
        return problem(
                Response.fromResponse(response),
                response.getStatus() + " " + response.getStatusInfo().getReasonPhrase() + " at " + uri.getPath() + ": "
                        + e.getMessage());
    }

    private static Response problem(Response.ResponseBuilder response, String message) {
        return response.type(MediaType.APPLICATION_JSON_TYPE)
                .entity(new OpenInference.Problem(message))
                .build();
    }
}
