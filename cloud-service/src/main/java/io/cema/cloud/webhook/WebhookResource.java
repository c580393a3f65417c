package io.cema.cloud.webhook;

import io.cema.cloud.http.Page;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
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
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: webhooks. For admins: they say where events leave the platform to. */
@Path("/api/v1/webhooks")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Webhooks", description = "Receivers that are told of events, signed, at least once")
class WebhookResource {
    private final Webhooks webhooks;
    private final TargetGuard guard;

    WebhookResource(Webhooks webhooks, TargetGuard guard) {
        this.webhooks = webhooks;
        this.guard = guard;
    }

    @GET
    @Operation(summary = "Lists webhooks, oldest first")
    @APIResponse(responseCode = "200", description = "A page of webhooks, without their secrets")
    @APIResponse(responseCode = "400", description = "The page's limits are wrong")
    public Uni<Page<WebhookView>> list(
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        return webhooks.list(limit + 1, offset).map(rows -> Page.byOffset(rows, limit, offset));
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "One webhook")
    @APIResponse(responseCode = "200", description = "The webhook, without its secret")
    @APIResponse(responseCode = "404", description = "There is no such webhook")
    public Uni<WebhookView> get(@RestPath String id) {
        return webhooks.find(id);
    }

    @POST
    @Blocking
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Makes a webhook",
            description = "Its secret is in this answer alone. It is told of what happens from now on; POST"
                    + " /api/v1/webhooks/{id}/test tries it.")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            schema = @Schema(implementation = NewWebhook.class),
                            examples =
                                    @ExampleObject(
                                            name = "alarms",
                                            value = "{\"url\": \"https://hooks.example.com/cema\","
                                                    + " \"events\": [\"alarm.\"]}")))
    @APIResponse(
            responseCode = "201",
            description = "Made",
            content = @Content(schema = @Schema(implementation = CreatedWebhook.class)))
    @APIResponse(responseCode = "400", description = "A field is missing or wrong; the detail names it")
    @APIResponse(responseCode = "422", description = "Webhooks may not lead there; the detail says why")
    public Uni<Response> create(@NotNull @Valid NewWebhook wanted) {
        guard.requireReachable(guard.requireForm(wanted.url()));
        return webhooks.create(wanted).map(created -> Response.created(
                        URI.create("/api/v1/webhooks/" + created.webhook().id()))
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .entity(created)
                .build());
    }

    @DELETE
    @Path("/{id}")
    @Operation(summary = "Ends a webhook", description = "What waits for it is not delivered any more.")
    @APIResponse(responseCode = "204", description = "It is gone")
    @APIResponse(responseCode = "404", description = "There is no such webhook")
    public Uni<Void> delete(@RestPath String id) {
        return webhooks.delete(id);
    }

    @POST
    @Path("/{id}/test")
    @Operation(
            summary = "Tells a webhook an event of type webhook.test",
            description = "What came of it stands among its deliveries.")
    @APIResponse(
            responseCode = "202",
            description = "It will be delivered",
            content = @Content(schema = @Schema(implementation = DeliveryView.class)))
    @APIResponse(responseCode = "404", description = "There is no such webhook")
    public Uni<Response> test(@RestPath String id) {
        return webhooks.test(id).map(delivery -> Response.accepted(delivery).build());
    }

    @GET
    @Path("/{id}/deliveries")
    @Operation(
            operationId = "listWebhookDeliveries",
            summary = "Lists the deliveries of a webhook, newest first",
            description = "Ended ones are kept for cema.webhooks.kept.")
    @APIResponse(responseCode = "200", description = "A page of deliveries")
    @APIResponse(responseCode = "400", description = "A parameter is out of its range")
    @APIResponse(responseCode = "404", description = "There is no such webhook")
    public Uni<Page<DeliveryView>> deliveries(
            @RestPath String id,
            @RestQuery @Pattern(regexp = "PENDING|DELIVERED|DEAD", message = "must be PENDING, DELIVERED or DEAD")
                    String state,
            @RestQuery @DefaultValue("9223372036854775807") long before,
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit) {
        return webhooks.deliveries(id, Optional.ofNullable(state).map(DeliveryView.State::valueOf), before, limit + 1)
                .map(rows -> Page.byNumber(rows, limit, DeliveryView::ordinal));
    }
}
