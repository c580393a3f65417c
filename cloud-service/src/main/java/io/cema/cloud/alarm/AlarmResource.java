package io.cema.cloud.alarm;

import io.cema.cloud.event.Actor;
import io.cema.cloud.http.EntityTags;
import io.cema.cloud.http.Page;
import io.cema.cloud.http.QueryTime;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestHeader;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: alarms. */
@Path("/api/v1/alarms")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Alarms", description = "What is wrong, raised and cleared by the service; operators acknowledge it")
class AlarmResource {
    private final AlarmDesk desk;

    AlarmResource(AlarmDesk desk) {
        this.desk = desk;
    }

    @GET
    @Operation(summary = "Lists alarms, newest first", description = "All parameters that are given must hold.")
    @APIResponse(responseCode = "200", description = "A page of alarms")
    @APIResponse(responseCode = "400", description = "A parameter is not valid; the detail names it")
    public Uni<Page<AlarmView>> list(
            @RestQuery
                    @DefaultValue("OPEN")
                    @Pattern(
                            regexp = "RAISED|ACKNOWLEDGED|CLEARED|OPEN|ANY",
                            message = "must be RAISED, ACKNOWLEDGED, CLEARED, OPEN or ANY")
                    @Parameter(description = "OPEN: all that are not cleared")
                    String state,
            @RestQuery
                    @Pattern(
                            regexp = "DRIFT|DEVICES_AWAY|UPDATE_REVOKED|UPDATES_REFUSED|ROLLOUT_STOPPED"
                                    + "|DEVICE_QUARANTINED|WEBHOOK_FAILING",
                            message = "must be a type of alarm")
                    String type,
            @RestQuery @Parameter(description = "Of DRIFT: ENTROPY, CLASSES or STATISTICS") Optional<String> signal,
            @RestQuery Optional<String> cohort,
            @RestQuery Optional<String> device,
            @RestQuery @Parameter(description = "Raised not before, 2026-01-31T12:00:00Z") Optional<String> since,
            @RestQuery
                    @DefaultValue("-raisedAt")
                    @Parameter(
                            description = "raisedAt, clearedAt, severity, type, cohort, id; '-' before one that falls",
                            example = "severity,-raisedAt")
                    String sort,
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        AlarmQuery query = new AlarmQuery(
                state,
                Optional.ofNullable(type).map(AlarmType::valueOf),
                signal,
                cohort,
                device,
                QueryTime.parse("since", since),
                sort);
        return desk.list(query, limit + 1, offset).map(rows -> Page.byOffset(rows, limit, offset));
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "One alarm with its evidence")
    @APIResponse(
            responseCode = "200",
            description = "The alarm; its ETag is for If-Match",
            content = @Content(schema = @Schema(implementation = AlarmView.class)))
    @APIResponse(responseCode = "304", description = "As If-None-Match says")
    @APIResponse(responseCode = "404", description = "There is no such alarm")
    public Uni<Response> get(@RestPath String id) {
        return desk.find(id).map(AlarmResource::answer);
    }

    @POST
    @Path("/{id}/acknowledge")
    @Operation(
            summary = "Says that somebody looks after it",
            description = "It stays open until it clears. Twice changes nothing.")
    @APIResponse(
            responseCode = "200",
            description = "Acknowledged",
            content = @Content(schema = @Schema(implementation = AlarmView.class)))
    @APIResponse(responseCode = "404", description = "There is no such alarm")
    @APIResponse(responseCode = "409", description = "It is cleared already")
    @APIResponse(responseCode = "412", description = "If-Match does not name the present version")
    public Uni<Response> acknowledge(
            @RestPath String id,
            @Parameter(description = "The ETag of the alarm that was looked at") @RestHeader("If-Match")
                    Optional<String> ifMatch,
            @Context RoutingContext request) {
        return desk.acknowledge(id, Actor.of(request).who(), ifMatch).map(AlarmResource::answer);
    }

    @POST
    @Path("/{id}/clear")
    @Operation(
            summary = "Says that it is well",
            description =
                    "Of drift: that it is how it is now. What is usual is then learnt anew. What is still wrong in"
                            + " another way is raised again.")
    @APIResponse(
            responseCode = "200",
            description = "Cleared",
            content = @Content(schema = @Schema(implementation = AlarmView.class)))
    @APIResponse(responseCode = "404", description = "There is no such alarm")
    @APIResponse(responseCode = "409", description = "It is cleared already")
    @APIResponse(responseCode = "412", description = "If-Match does not name the present version")
    public Uni<Response> clear(
            @RestPath String id,
            @Parameter(description = "The ETag of the alarm that was looked at") @RestHeader("If-Match")
                    Optional<String> ifMatch,
            @Context RoutingContext request) {
        return desk.clear(id, Actor.of(request).who(), ifMatch).map(AlarmResource::answer);
    }

    private static Response answer(AlarmView view) {
        return Response.ok(view).tag(EntityTags.of(view.version())).build();
    }
}
