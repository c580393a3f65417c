package io.cema.cloud.messaging;

import io.cema.cloud.http.Page;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: messages that could not be processed. */
@Path("/api/v1/dead-letters")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Dead letters", description = "Messages from devices that could not be processed, with the reason")
class DeadLetterResource {
    private final TenantDatabase database;
    private final DeadLetters letters;
    private final String tenant;

    DeadLetterResource(
            TenantDatabase database, DeadLetters letters, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.letters = letters;
        this.tenant = tenant;
    }

    @GET
    @Operation(summary = "Lists dead letters, newest first")
    public Uni<Page<DeadLetterView>> list(
            @RestQuery Optional<String> device,
            @RestQuery @DefaultValue("9223372036854775807") long before,
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit) {
        return database.inTransaction(tenant, connection -> letters.list(connection, device, before, limit + 1))
                .map(rows -> Page.byNumber(rows, limit, DeadLetterView::id));
    }
}
