package io.cema.cloud.fleet;

import io.cema.cloud.http.Ids;
import io.cema.cloud.http.TaggedAnswers;
import io.smallrye.mutiny.Uni;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestHeader;
import org.jboss.resteasy.reactive.RestPath;

/** REST: further models of a device. */
@Path("/api/v1/devices/{id}/slots/{cohort}")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Devices")
class DeviceSlotResource {
    private final DeviceSlots slots;
    private final TaggedAnswers answers;
    private final String tenant;

    DeviceSlotResource(DeviceSlots slots, TaggedAnswers answers, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.slots = slots;
        this.answers = answers;
        this.tenant = tenant;
    }

    @PUT
    @Operation(
            operationId = "addDeviceSlot",
            summary = "Gives a device a further model: that of another cohort, beside the ones it runs",
            description =
                    "The model is adapted in that cohort, with its own updates, canaries and pins. The device's own"
                            + " cohort stays what lists and selectors say.")
    @APIResponse(
            responseCode = "200",
            description = "It has the slot; ETag has the device's version",
            content = @Content(schema = @Schema(implementation = Device.class)))
    @APIResponse(responseCode = "400", description = "The cohort's id is not valid")
    @APIResponse(responseCode = "404", description = "No such device, or no such cohort")
    @APIResponse(
            responseCode = "409",
            description = "The device runs that model in another slot, has no cohort of its own, is decommissioned, or"
                    + " its agent serves one model alone")
    @APIResponse(responseCode = "412", description = "If-Match names another version of the device")
    public Uni<Response> addSlot(
            @RestPath String id,
            @RestPath @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE) String cohort,
            @RestHeader("If-Match") Optional<String> ifMatch) {
        return slots.add(tenant, id, cohort, ifMatch).map(this::answer);
    }

    @DELETE
    @Operation(operationId = "removeDeviceSlot", summary = "Takes a further model from a device")
    @APIResponse(
            responseCode = "200",
            description = "It is gone; ETag has the device's version",
            content = @Content(schema = @Schema(implementation = Device.class)))
    @APIResponse(responseCode = "404", description = "No such device or cohort, or the device has no such slot")
    @APIResponse(
            responseCode = "409",
            description = "It is the slot of the device's own cohort, or the device is decommissioned")
    @APIResponse(responseCode = "412", description = "If-Match names another version of the device")
    public Uni<Response> removeSlot(
            @RestPath String id, @RestPath String cohort, @RestHeader("If-Match") Optional<String> ifMatch) {
        return slots.remove(tenant, id, cohort, ifMatch).map(this::answer);
    }

    private Response answer(Device device) {
        return answers.ok(device.version(), device);
    }
}
