package io.cema.cloud.event;

import io.cema.cloud.http.Page;
import io.cema.cloud.http.ProblemException;
import io.smallrye.mutiny.Uni;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: the audit log. There is no way to change it. */
@Path("/api/v1/audit")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Audit", description = "Who did what to what, when, from where")
class AuditResource {
    private final AuditLog log;
    private final String tenant;

    AuditResource(AuditLog log, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.log = log;
        this.tenant = tenant;
    }

    @GET
    @Operation(
            operationId = "listAudit",
            summary = "Lists the audit log, newest first",
            description = "Every changing request, refused ones of known callers too, and every look at an image.")
    @APIResponse(responseCode = "200", description = "A page of entries")
    @APIResponse(responseCode = "400", description = "A time is not one")
    public Uni<Page<AuditEntry>> list(
            @RestQuery Optional<String> who,
            @RestQuery @Parameter(description = "PUT, for example") Optional<String> operation,
            @RestQuery @Parameter(description = "The beginning of a path") Optional<String> resource,
            @RestQuery @Parameter(description = "Not before, 2026-01-31T12:00:00Z") Optional<String> since,
            @RestQuery @Parameter(description = "Before") Optional<String> until,
            @RestQuery @DefaultValue("9223372036854775807") long before,
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit) {
        AuditQuery query = new AuditQuery(
                who, operation, resource, since.map(t -> time("since", t)), until.map(t -> time("until", t)));
        return log.list(tenant, query, before, limit + 1).map(rows -> Page.byNumber(rows, limit, AuditEntry::id));
    }

    private static Instant time(String name, String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw ProblemException.invalid(
                    "`" + name + "` is '" + text + "', which is no time; write it as 2026-01-31T12:00:00Z");
        }
    }
}
