package io.cema.cloud.fleet.release;

import io.cema.cloud.fleet.release.AgentReleases.Target;
import io.cema.cloud.http.Page;
import io.smallrye.mutiny.Uni;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: the agent's software. */
@Path("/api/v1/agent-releases")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Agent releases", description = "Versions of the agent's software, and who is to run them")
class AgentReleaseResource {
    private static final String GONE = "No such release";

    private final AgentReleases releases;
    private final String tenant;

    AgentReleaseResource(AgentReleases releases, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.releases = releases;
        this.tenant = tenant;
    }

    @POST
    @Consumes(MediaType.APPLICATION_OCTET_STREAM)
    @Operation(
            operationId = "addAgentPackage",
            summary = "Stores the package of one platform",
            description = "The body is the archive that `ops/cema package edge` wrote. No device gets it before it is"
                    + " wished. The same package again answers 200.")
    @APIResponse(
            responseCode = "201",
            description = "Stored",
            content = @Content(schema = @Schema(implementation = AgentRelease.class)))
    @APIResponse(
            responseCode = "200",
            description = "Was stored before",
            content = @Content(schema = @Schema(implementation = AgentRelease.class)))
    @APIResponse(responseCode = "400", description = "A parameter is missing or not of its form")
    @APIResponse(responseCode = "409", description = "The release has another package for this platform")
    @APIResponse(responseCode = "415", description = "The body is no application/octet-stream")
    public Uni<Response> add(
            byte[] archive,
            @RestQuery @Parameter(description = "As the file `version` in the archive", example = "0.2.0")
                    String version,
            @RestQuery @Parameter(description = "What it runs on", example = "linux-x86_64") String platform,
            @RestQuery @Parameter(description = "Of the release key, in Base64: the file beside the archive")
                    String signature,
            @RestQuery @Parameter(description = "What is new", example = "Reads cameras over RTSP") String notes) {
        return releases.add(tenant, PackageUpload.of(version, platform, signature, notes, archive))
                .map(stored -> (stored.isNew()
                                ? Response.created(URI.create("/api/v1/agent-releases/"
                                        + stored.release().version()))
                                : Response.ok())
                        .entity(stored.release())
                        .build());
    }

    @GET
    @Operation(summary = "Lists the releases, newest first")
    @APIResponse(responseCode = "200", description = "A page of them")
    @APIResponse(responseCode = "400", description = "A parameter is out of its bounds")
    public Uni<Page<AgentRelease>> list(
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        return releases.list(tenant, limit + 1, offset).map(rows -> Page.byOffset(rows, limit, offset));
    }

    @GET
    @Path("/{version}")
    @Operation(summary = "One release with its packages, and who is to run it")
    @APIResponse(responseCode = "200", description = "The release")
    @APIResponse(responseCode = "404", description = GONE)
    public Uni<AgentRelease> get(@RestPath String version) {
        return releases.find(tenant, version);
    }

    @DELETE
    @Path("/{version}")
    @Operation(summary = "Deletes a release and its packages", description = "Devices that run it go on with it.")
    @APIResponse(responseCode = "204", description = "Deleted")
    @APIResponse(responseCode = "404", description = GONE)
    @APIResponse(responseCode = "409", description = "It is wished for a cohort or a device")
    public Uni<Void> delete(@RestPath String version) {
        return releases.delete(tenant, version);
    }

    @PUT
    @Path("/{version}/cohorts/{cohort}")
    @Operation(
            summary = "Wishes that a cohort's devices run it",
            description =
                    "Each device fetches, checks and tries it, and goes back by itself if it does not get healthy."
                            + " An older version is a wish like any other. Repeating it changes nothing.")
    @APIResponse(responseCode = "204", description = "Wished, and the devices are told")
    @APIResponse(responseCode = "404", description = "No such release or cohort")
    public Uni<Void> wantForCohort(@RestPath String version, @RestPath String cohort) {
        return releases.want(tenant, Optional.of(version), Target.COHORT, cohort);
    }

    @PUT
    @Path("/{version}/devices/{device}")
    @Operation(
            summary = "Wishes that one device runs it, whatever its cohort runs",
            description = "To try a version on one device before its cohort gets it, or to hold one back.")
    @APIResponse(responseCode = "204", description = "Wished, and the device is told")
    @APIResponse(responseCode = "404", description = "No such release or device")
    public Uni<Void> wantForDevice(@RestPath String version, @RestPath String device) {
        return releases.want(tenant, Optional.of(version), Target.DEVICE, device);
    }

    @DELETE
    @Path("/cohorts/{cohort}")
    @Operation(
            operationId = "withdrawAgentReleaseFromCohort",
            summary = "Wishes no version for a cohort any more",
            description = "Its devices stay with what they run. Wished anew, a version that failed on a device is tried"
                    + " again there.")
    @APIResponse(responseCode = "204", description = "Withdrawn, and the devices are told")
    @APIResponse(responseCode = "404", description = "No such cohort")
    public Uni<Void> wantNothingForCohort(@RestPath String cohort) {
        return releases.want(tenant, Optional.empty(), Target.COHORT, cohort);
    }

    @DELETE
    @Path("/devices/{device}")
    @Operation(
            operationId = "withdrawAgentReleaseFromDevice",
            summary = "Wishes no version of its own for a device any more: its cohort's counts")
    @APIResponse(responseCode = "204", description = "Withdrawn, and the device is told")
    @APIResponse(responseCode = "404", description = "No such device")
    public Uni<Void> wantNothingForDevice(@RestPath String device) {
        return releases.want(tenant, Optional.empty(), Target.DEVICE, device);
    }
}
