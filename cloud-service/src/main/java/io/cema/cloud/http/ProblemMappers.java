package io.cema.cloud.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.cema.cloud.persistence.DatabaseNotReadyException;
import io.cema.cloud.persistence.Patience;
import jakarta.validation.ConstraintViolationException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** From exceptions to problem details. What is not expected becomes a 500 with a reference to the log, and no more. */
class ProblemMappers {
    private static final Logger LOG = Logger.getLogger(ProblemMappers.class);
    private static final String RETRY_SECONDS = "5";

    @ServerExceptionMapper
    public Response problem(ProblemException e, UriInfo uri) {
        return answer(e.status(), e.kind(), e.title(), e.getMessage(), uri, List.of());
    }

    @ServerExceptionMapper
    public Response invalid(ConstraintViolationException e, UriInfo uri) {
        List<Problem.Violation> violations = e.getConstraintViolations().stream()
                .map(v -> new Problem.Violation(
                        StreamSupport.stream(v.getPropertyPath().spliterator(), false)
                                .skip(1)
                                .map(Object::toString)
                                .collect(Collectors.joining(".")),
                        v.getMessage()))
                .toList();
        String detail =
                violations.stream().map(v -> v.field() + " " + v.message()).collect(Collectors.joining("; "));
        return answer(400, "invalid-request", "Invalid request", detail, uri, violations);
    }

    /** Names the second class as well, since the framework has a mapper of its own for it. */
    @ServerExceptionMapper({JsonProcessingException.class, MismatchedInputException.class})
    public Response json(JsonProcessingException e, UriInfo uri) {
        String path = e instanceof JsonMappingException mapping
                ? mapping.getPath().stream()
                        .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : r.getFieldName())
                        .collect(Collectors.joining("."))
                : "";
        String where = path.isEmpty() ? "request body" : "field " + path;
        return answer(
                400, "invalid-json", "Not the JSON expected", where + ": " + e.getOriginalMessage(), uri, List.of());
    }

    @ServerExceptionMapper
    public Response http(WebApplicationException e, UriInfo uri) {
        if (e.getCause() instanceof JsonProcessingException json) {
            return json(json, uri);
        }
        if (e instanceof NotFoundException && e.getCause() != null) {
            // The framework's word for a parameter that is, for instance, no number.
            return answer(
                    400,
                    "invalid-request",
                    "Invalid request",
                    "a parameter has not the form it must have: " + e.getCause().getMessage(),
                    uri,
                    List.of());
        }
        Response original = e.getResponse();
        if (original.getStatus() < 400) {
            return original;
        }
        if (e instanceof NotFoundException
                && e.getCause() != null) { // the framework's answer to a parameter it cannot read
            return answer(
                    400,
                    "invalid-request",
                    "Invalid request",
                    "a parameter of the path or query cannot be read: "
                            + e.getCause().getMessage(),
                    uri,
                    List.of());
        }
        Response.Status status = Response.Status.fromStatusCode(original.getStatus());
        String title = status == null ? "Error" : status.getReasonPhrase();
        return answer(original.getStatus(), "http-" + original.getStatus(), title, e.getMessage(), uri, List.of());
    }

    @ServerExceptionMapper
    public Response database(DatabaseNotReadyException e, UriInfo uri) {
        return away(e, uri);
    }

    @ServerExceptionMapper
    public Response unexpected(Throwable e, UriInfo uri) {
        if (Patience.passes(e)) {
            return away(e, uri);
        }
        String reference = UUID.randomUUID().toString();
        LOG.errorf(e, "request %s failed, reference %s", uri.getPath(), reference);
        return answer(
                500,
                "internal",
                "Internal error",
                "an error of the service, not of the request; the log has it as " + reference,
                uri,
                List.of());
    }

    private static Response away(Throwable e, UriInfo uri) {
        LOG.warnf("request %s: the database is away: %s", uri.getPath(), e.getMessage());
        return Response.fromResponse(answer(
                        503,
                        "database-away",
                        "The database does not answer",
                        "try again in " + RETRY_SECONDS + " s; see /q/health",
                        uri,
                        List.of()))
                .header(HttpHeaders.RETRY_AFTER, RETRY_SECONDS)
                .build();
    }

    private static Response answer(
            int status, String kind, String title, String detail, UriInfo uri, List<Problem.Violation> violations) {
        return Response.status(status)
                .type(Problem.MEDIA_TYPE)
                .entity(new Problem("urn:cema:problem:" + kind, title, status, detail, uri.getPath(), violations))
                .build();
    }
}
