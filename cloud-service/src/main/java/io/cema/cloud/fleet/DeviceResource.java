package io.cema.cloud.fleet;

import io.cema.cloud.fleet.label.LabelSelector;
import io.cema.cloud.http.Page;
import io.cema.cloud.http.TaggedAnswers;
import io.smallrye.mutiny.Uni;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestHeader;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: devices, what they told, and what operators say of them. */
@Path("/api/v1/devices")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Devices", description = "Devices, their labels, presence, reported state, telemetry and events")
class DeviceResource {
    private static final String MERGE_PATCH = "application/merge-patch+json";

    private final Devices devices;
    private final DeviceChanges changes;
    private final Decommissioning decommissioning;
    private final TaggedAnswers answers;
    private final String tenant;

    DeviceResource(
            Devices devices,
            DeviceChanges changes,
            Decommissioning decommissioning,
            TaggedAnswers answers,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.devices = devices;
        this.changes = changes;
        this.decommissioning = decommissioning;
        this.answers = answers;
        this.tenant = tenant;
    }

    @GET
    @Operation(summary = "Lists the devices", description = "All parameters that are given must hold.")
    @APIResponse(responseCode = "200", description = "A page of devices")
    @APIResponse(
            responseCode = "400",
            description = "A parameter is not valid; of a selector the detail names the place")
    public Uni<Page<Device>> list(
            @RestQuery
                    @Parameter(
                            description = "Selects by labels, as Kubernetes does: key, !key, =, !=, in, notin",
                            example = "site=north,floor!=2,gpu,!old")
                    Optional<String> label,
            @RestQuery Optional<String> cohort,
            @RestQuery @Parameter(description = "ONLINE, OFFLINE or UNKNOWN") Optional<String> presence,
            @RestQuery @Parameter(description = "First digits of the digest of a model it runs") Optional<String> model,
            @RestQuery @Parameter(description = "Whether it reports a problem") Optional<Boolean> problem,
            @RestQuery @Parameter(description = "First characters of the id") Optional<String> q,
            @RestQuery @DefaultValue(Device.ACTIVE) @Parameter(description = "ACTIVE or DECOMMISSIONED") String status,
            @RestQuery
                    @DefaultValue("id")
                    @Parameter(
                            description = "id, createdAt, seenAt, cohort, displayName; '-' before one that falls",
                            example = "-seenAt,id")
                    String sort,
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        DeviceQuery query =
                new DeviceQuery(label.map(LabelSelector::parse), cohort, presence, model, problem, q, status, sort);
        return devices.list(tenant, query, limit + 1, offset).map(rows -> Page.byOffset(rows, limit, offset));
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "One device")
    @APIResponse(
            responseCode = "200",
            description = "The device; ETag has its version",
            content = @Content(schema = @Schema(implementation = Device.class)))
    @APIResponse(responseCode = "304", description = "As If-None-Match says")
    @APIResponse(responseCode = "404", description = "No such device")
    public Uni<Response> get(@RestPath String id) {
        return devices.find(tenant, id).map(this::answer);
    }

    @PATCH
    @Path("/{id}")
    @Consumes({MERGE_PATCH, MediaType.APPLICATION_JSON})
    @Operation(
            summary = "Changes labels, display name and description",
            description = "Changed labels move the device between the cohorts that follow labels.")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            mediaType = MERGE_PATCH,
                            schema = @Schema(implementation = DevicePatch.class),
                            examples =
                                    @ExampleObject(
                                            name = "labels",
                                            value = "{\"labels\": {\"site\": \"north\", \"old\": null}}")))
    @APIResponse(
            responseCode = "200",
            description = "Changed",
            content = @Content(schema = @Schema(implementation = Device.class)))
    @APIResponse(responseCode = "400", description = "A label or text is not valid; the detail names it")
    @APIResponse(responseCode = "404", description = "No such device")
    @APIResponse(responseCode = "409", description = "It is decommissioned")
    @APIResponse(responseCode = "412", description = "If-Match names another version")
    public Uni<Response> patch(
            @RestPath String id, @RestHeader("If-Match") Optional<String> ifMatch, @NotNull DevicePatch patch) {
        return changes.change(tenant, id, ifMatch, patch::apply).map(this::answer);
    }

    @PUT
    @Path("/{id}/labels")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Replaces the labels",
            description = "Changed labels move the device between the cohorts that follow labels.")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            schema = @Schema(implementation = Object.class),
                            examples =
                                    @ExampleObject(
                                            name = "labels",
                                            value = "{\"site\": \"north\", \"floor\": \"2\", \"gpu\": \"\"}")))
    @APIResponse(
            responseCode = "200",
            description = "Changed",
            content = @Content(schema = @Schema(implementation = Device.class)))
    @APIResponse(responseCode = "400", description = "A label is not valid; the detail names it")
    @APIResponse(responseCode = "404", description = "No such device")
    @APIResponse(responseCode = "409", description = "It is decommissioned")
    @APIResponse(responseCode = "412", description = "If-Match names another version")
    public Uni<Response> replaceLabels(
            @RestPath String id,
            @RestHeader("If-Match") Optional<String> ifMatch,
            @NotNull Map<String, String> labels) {
        return changes.change(tenant, id, ifMatch, present -> present.withLabels(labels))
                .map(this::answer);
    }

    @DELETE
    @Path("/{id}")
    @Operation(
            summary = "Decommissions a device",
            description = "It leaves its cohort, its certificate and open claims are revoked, its session ends and its"
                    + " retained messages are cleared. What it says later does not count; a new claim and its enrolment"
                    + " bring it back. Its samples stay until they expire.")
    @APIResponse(responseCode = "204", description = "Out of service, or it was already")
    @APIResponse(responseCode = "404", description = "No such device")
    @APIResponse(responseCode = "412", description = "If-Match names another version")
    public Uni<Void> decommission(@RestPath String id, @RestHeader("If-Match") Optional<String> ifMatch) {
        return decommissioning.decommission(tenant, id, ifMatch);
    }

    private Response answer(Device device) {
        return answers.ok(device.version(), device);
    }
}
