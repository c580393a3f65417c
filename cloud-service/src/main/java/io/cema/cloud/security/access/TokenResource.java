package io.cema.cloud.security.access;

import io.cema.cloud.http.ProblemException;
import io.smallrye.mutiny.Uni;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;

/** REST: tokens of the local issuer. Who made which stands in the audit log. */
@Path("/api/v1/tokens")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Tokens", description = "Who may call, on one machine without an OIDC provider")
class TokenResource {
    private static final String ULID = "[0-9A-HJKMNP-TV-Z]{26}";

    private final Access access;
    private final RevokedTokens revoked;
    private final AccessSettings settings;
    private final String tenant;

    TokenResource(
            Access access,
            RevokedTokens revoked,
            AccessSettings settings,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.access = access;
        this.revoked = revoked;
        this.settings = settings;
        this.tenant = tenant;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Issues a token", description = "It is in this answer alone and stored nowhere.")
    @APIResponseSchema(value = IssuedToken.class, responseCode = "201", responseDescription = "Issued")
    @APIResponse(responseCode = "400", description = "A field is wrong; the detail names it")
    @APIResponse(responseCode = "404", description = "Tokens come from elsewhere")
    public Response issue(@NotNull @Valid NewToken wanted) {
        LocalIssuer issuer = access.issuer();
        Duration lifetime = wanted.lifetime() == null ? settings.tokenValidity() : wanted.lifetime();
        Duration longest = settings.longestTokenValidity();
        if (lifetime.compareTo(Duration.ofSeconds(1)) < 0 || lifetime.compareTo(longest) > 0) {
            throw ProblemException.invalid("`lifetime` is " + lifetime + "; it must be from PT1S to " + longest);
        }
        IssuedToken token = issuer.issue(wanted.subject(), wanted.role(), lifetime);
        return Response.created(URI.create("/api/v1/tokens/" + token.id()))
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .entity(token)
                .build();
    }

    @DELETE
    @Path("/{id}")
    @Operation(summary = "Revokes a token by its id", description = "From then on it gets 401. Twice changes nothing.")
    @APIResponse(responseCode = "204", description = "Revoked")
    @APIResponse(responseCode = "400", description = "Not the form of an id")
    @APIResponse(responseCode = "404", description = "Tokens come from elsewhere")
    public Uni<Void> revoke(@RestPath @Pattern(regexp = ULID, message = "must be a token's id, a ULID") String id) {
        access.issuer();
        return revoked.revoke(tenant, id);
    }
}
