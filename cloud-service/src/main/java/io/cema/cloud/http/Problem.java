package io.cema.cloud.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Problem details, RFC 9457. */
@Schema(description = "Problem details, RFC 9457")
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Problem(
        @Schema(description = "Names the kind of problem", example = "urn:cema:problem:unsupported-model") String type,
        String title,
        int status,
        @Schema(description = "What was wrong, where, and what to do") String detail,
        @Schema(description = "The request's path") String instance,
        @Schema(description = "Wrong fields, for invalid requests") List<Violation> violations) {
    public static final String MEDIA_TYPE = "application/problem+json";

    /** One wrong field of a request. */
    public record Violation(String field, String message) {}
}
