package io.cema.cloud.security;

import io.cema.cloud.http.Page;
import io.cema.protocol.enrolment.ClaimToken;
import io.smallrye.mutiny.Uni;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
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

/** REST: claims, for admins; others may look at the list. */
@Path("/api/v1/claims")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Claims", description = "What admits a new device, once")
class ClaimResource {
    private final Claims claims;
    private final PlatformAuthority platform;
    private final String tenant;

    ClaimResource(Claims claims, PlatformAuthority platform, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.claims = claims;
        this.platform = platform;
        this.tenant = tenant;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Creates a claim",
            description = "The token is in this answer alone: of its secret only a hash is kept.")
    @APIResponseSchema(value = Claim.class, responseCode = "201", responseDescription = "Created")
    @APIResponse(responseCode = "404", description = "The cohort does not exist, or enrolment is off")
    public Uni<Response> create(@NotNull @Valid NewClaim wanted) {
        ClaimToken token = ClaimToken.create(platform.authority().fingerprint());
        return claims.create(tenant, wanted, token)
                .map(created -> Response.created(URI.create("/api/v1/claims/" + created.id()))
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .entity(created)
                        .build());
    }

    @GET
    @Operation(summary = "Lists the claims, newest first, without their tokens")
    public Uni<Page<Claim>> list(
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        return claims.list(tenant, limit + 1, offset).map(rows -> Page.byOffset(rows, limit, offset));
    }

    @DELETE
    @Path("/{id}")
    @Operation(summary = "Withdraws a claim that was not used")
    @APIResponse(responseCode = "204", description = "Withdrawn")
    @APIResponse(responseCode = "404", description = "No such claim is open")
    public Uni<Void> withdraw(@RestPath String id) {
        return claims.withdraw(tenant, id);
    }
}
