package io.cema.cloud.model;

import io.cema.cloud.http.Page;
import io.smallrye.mutiny.Uni;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: pairs of models. */
@Path("/api/v1/pairs")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Pairs", description = "An edge model and the foundation model that teaches it")
class PairResource {
    private final ModelPairs pairs;
    private final String tenant;

    PairResource(ModelPairs pairs, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.pairs = pairs;
        this.tenant = tenant;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Joins an edge and a foundation model")
    @APIResponseSchema(value = ModelPair.class, responseCode = "201", responseDescription = "Created")
    @APIResponse(responseCode = "404", description = "One of the models is not registered")
    @APIResponse(responseCode = "409", description = "The id is taken")
    @APIResponse(responseCode = "422", description = "The models' classes differ")
    public Uni<Response> create(@NotNull @Valid ModelPair pair) {
        return pairs.create(tenant, pair).map(created -> Response.created(URI.create("/api/v1/pairs/" + created.id()))
                .entity(created)
                .build());
    }

    @GET
    @Operation(summary = "Lists the pairs by id")
    public Uni<Page<ModelPair>> list(
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        return pairs.list(tenant, limit + 1, offset).map(rows -> Page.byOffset(rows, limit, offset));
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "One pair")
    public Uni<ModelPair> get(@RestPath String id) {
        return pairs.find(tenant, id);
    }
}
