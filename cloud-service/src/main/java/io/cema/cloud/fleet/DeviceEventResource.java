package io.cema.cloud.fleet;

import io.cema.cloud.http.Page;
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
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: what devices did. */
@Path("/api/v1/events")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Devices")
class DeviceEventResource {
    private final Devices devices;
    private final String tenant;

    DeviceEventResource(Devices devices, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.devices = devices;
        this.tenant = tenant;
    }

    @GET
    @Operation(
            operationId = "listDeviceEvents",
            summary = "Lists what devices did with models and updates, newest first")
    @APIResponse(responseCode = "200", description = "A page of events")
    @APIResponse(responseCode = "400", description = "A parameter is not valid")
    public Uni<Page<DeviceEventView>> events(
            @RestQuery Optional<String> device,
            @RestQuery @DefaultValue("9223372036854775807") long before,
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit) {
        return devices.events(tenant, device, before, limit + 1)
                .map(rows -> Page.byNumber(rows, limit, DeviceEventView::id));
    }
}
