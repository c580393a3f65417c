package io.cema.cloud.http;

import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;

/** Answers with problem details, in the OpenAPI document. For filters of the document, while it is built. */
public final class ProblemResponses {
    private static final String SCHEMA = "#/components/schemas/Problem";

    private ProblemResponses() {}

    /** Adds the answer; what an operation says of it itself stands first. */
    public static void add(Operation operation, String status, String description) {
        APIResponse written = operation.getResponses().getAPIResponse(status);
        String before = written == null || written.getDescription() == null ? "" : written.getDescription() + "; or: ";
        operation
                .getResponses()
                .addAPIResponse(
                        status,
                        OASFactory.createAPIResponse()
                                .description(before + description)
                                .content(content()));
    }

    /** The content of every answer that says what was wrong. */
    static Content content() {
        return OASFactory.createContent()
                .addMediaType(
                        Problem.MEDIA_TYPE,
                        OASFactory.createMediaType()
                                .schema(OASFactory.createSchema().ref(SCHEMA)));
    }
}
