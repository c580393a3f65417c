package io.cema.cloud.http.idempotency;

import io.cema.cloud.http.ProblemResponses;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;

/** Writes the header and its answers into every POST of the OpenAPI document. */
@OpenApiFilter(OpenApiFilter.RunStage.BUILD)
public final class IdempotencyOpenApi implements OASFilter {
    @Override
    public void filterOpenAPI(OpenAPI document) {
        document.getPaths().getPathItems().forEach((path, item) -> {
            Operation post = item.getOperations().get(PathItem.HttpMethod.POST);
            if (post != null
                    && !IdempotencyFilter.BY_PROOF
                            .matcher(path.replaceAll("\\{[^}]+}", "x"))
                            .matches()) {
                describe(post);
            }
        });
    }

    private static void describe(Operation post) {
        post.addParameter(OASFactory.createParameter()
                .name(IdempotencyFilter.HEADER)
                .in(Parameter.In.HEADER)
                .description("1 to 100 printable characters. The same request with the same key within 24 hours is done"
                        + " once and answered the same, with " + IdempotencyFilter.REPLAYED + ": true")
                .schema(OASFactory.createSchema().addType(Schema.SchemaType.STRING))
                .example("0d6c2f3e-6a5d-4f0a-9c3e-1f6f7f0b2a11"));
        answer(post, "400", "The request, or its Idempotency-Key, is not valid");
        answer(post, "409", "A request with this Idempotency-Key is at work, or its answer held a secret");
        answer(post, "422", "The Idempotency-Key was used for another request");
    }

    private static void answer(Operation operation, String status, String description) {
        if (operation.getResponses() == null) {
            operation.setResponses(OASFactory.createAPIResponses());
        }
        ProblemResponses.add(operation, status, description);
    }
}
