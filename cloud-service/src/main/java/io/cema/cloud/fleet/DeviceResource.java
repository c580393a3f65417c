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
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: devices and what they told. */
@Path("/api/v1/devices")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Devices", description = "Devices, their presence, reported state, telemetry and events")
class DeviceResource {
    private final Devices devices;
    private final String tenant;

    DeviceResource(Devices devices, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.devices = devices;
        this.tenant = tenant;
    }

    @GET
    @Operation(summary = "Lists the devices by id")
    public Uni<Page<Device>> list(
            @RestQuery Optional<String> cohort,
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        return devices.list(tenant, cohort, limit + 1, offset).map(rows -> Page.byOffset(rows, limit, offset));
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "One device")
    public Uni<Device> get(@RestPath String id) {
        return devices.find(tenant, id);
    }
}
