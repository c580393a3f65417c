package io.cema.cloud.security.access;

import io.cema.cloud.http.ProblemResponses;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/** Writes into the OpenAPI document what {@link AccessRules} say: the scheme, the role, and the answers 401 and 403. */
@OpenApiFilter(OpenApiFilter.RunStage.BUILD)
public final class AccessOpenApi implements OASFilter {
    private static final String SCHEME = "bearer";
    private static final AccessRules RULES = new AccessRules(false);

    @Override
    public void filterOpenAPI(OpenAPI document) {
        if (document.getComponents() == null) {
            document.setComponents(OASFactory.createComponents());
        }
        document.getComponents()
                .addSecurityScheme(
                        SCHEME,
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.HTTP)
                                .scheme(SCHEME)
                                .bearerFormat("JWT")
                                .description("A token of the OIDC provider, or of POST /api/v1/tokens. Not asked for"
                                        + " where cema.access.mode is open."));
        document.getPaths().getPathItems().forEach((path, item) -> item.getOperations()
                .forEach((method, operation) ->
                        RULES.needed(method.name(), path).ifPresent(role -> secure(operation, role))));
    }

    private static void secure(Operation operation, Role role) {
        operation.addSecurityRequirement(OASFactory.createSecurityRequirement().addScheme(SCHEME));
        operation.addExtension("x-cema-role", role.label());
        if (operation.getResponses() == null) {
            operation.setResponses(OASFactory.createAPIResponses());
        }
        ProblemResponses.add(operation, "401", "No token, or one that does not hold");
        ProblemResponses.add(operation, "403", "Needs role " + role.label() + ", and a token of the tenant served");
    }
}
