package io.cema.cloud.security;

import io.cema.cloud.event.Actor;
import io.cema.cloud.http.EntityTags;
import io.cema.cloud.http.Page;
import io.cema.cloud.security.ReEnrolment.State;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestHeader;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: devices whose certificate ran out in storage. Asking is for devices and proved by their key. */
@Path("/api/v1/re-enrolments")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Re-enrolments", description = "Devices whose certificate ran out, and an admin's word about them")
class ReEnrolmentResource {
    private static final String STATES = "PENDING|APPROVED|DENIED|ISSUED";

    private final Enrolment enrolment;
    private final ReEnrolments requests;
    private final PlatformAuthority platform;
    private final String tenant;

    ReEnrolmentResource(
            Enrolment enrolment,
            ReEnrolments requests,
            PlatformAuthority platform,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.enrolment = enrolment;
        this.requests = requests;
        this.platform = platform;
        this.tenant = tenant;
    }

    @POST
    @Blocking
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "reEnrol",
            summary = "Asks for a certificate after the last one ran out",
            description =
                    "The request is made and signed with the key of the certificate at its end: that is the proof."
                            + " The same request again asks how it stands, and gets the certificate once it is approved.")
    @APIResponse(
            responseCode = "200",
            description = "The certificate to use from now on",
            content = @Content(schema = @Schema(implementation = DeviceCertificate.class)))
    @APIResponse(
            responseCode = "202",
            description = "Waits for an admin",
            content = @Content(schema = @Schema(implementation = ReEnrolment.class)))
    @APIResponse(responseCode = "400", description = "The body is not of this form")
    @APIResponse(responseCode = "403", description = "The key is unknown or revoked, or an admin said no")
    @APIResponse(responseCode = "404", description = "Enrolment is off")
    @APIResponse(responseCode = "422", description = "The certificate request is not valid for this device")
    public Response ask(@NotNull @Valid ReEnrolmentRequest body, @Context RoutingContext call) {
        CertificateAuthority authority = platform.authority();
        Enrolment.Again answer = enrolment
                .reEnrol(tenant, body.device(), CertificateRequest.parse(body.request()), Actor.of(call))
                .await()
                .indefinitely();
        return answer.certificate()
                .map(issued -> Response.ok(DeviceCertificate.of(issued, authority)))
                .orElseGet(() -> Response.accepted(answer.request().orElseThrow()))
                .build();
    }

    @GET
    @Operation(summary = "Lists the re-enrolments asked for, newest first")
    @APIResponse(responseCode = "200", description = "A page of them")
    @APIResponse(responseCode = "400", description = "A parameter is out of its bounds")
    public Uni<Page<ReEnrolment>> list(
            @RestQuery
                    @Pattern(regexp = STATES, message = "must be one of " + STATES)
                    @Parameter(description = "Of this state alone", example = "PENDING")
                    String state,
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        return requests.list(tenant, Optional.ofNullable(state).map(State::valueOf), limit + 1, offset)
                .map(rows -> Page.byOffset(rows, limit, offset));
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "One re-enrolment")
    @APIResponse(
            responseCode = "200",
            description = "The re-enrolment, with its version as entity tag",
            content = @Content(schema = @Schema(implementation = ReEnrolment.class)))
    @APIResponse(responseCode = "404", description = "No such one was asked for")
    public Uni<Response> get(@RestPath String id) {
        return requests.find(tenant, id).map(ReEnrolmentResource::tagged);
    }

    @PUT
    @Path("/{id}/decision")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Approves or denies it",
            description = "Ask first whether the device is where it should be: who holds it gets a certificate. May be"
                    + " changed until the device has come for it.")
    @APIResponse(
            responseCode = "200",
            description = "Decided",
            content = @Content(schema = @Schema(implementation = ReEnrolment.class)))
    @APIResponse(responseCode = "400", description = "The body is not of this form")
    @APIResponse(responseCode = "404", description = "No such one was asked for")
    @APIResponse(responseCode = "409", description = "The device has its certificate already")
    @APIResponse(responseCode = "412", description = "Somebody else decided since it was read")
    public Uni<Response> decide(
            @RestPath String id,
            @NotNull @Valid ReEnrolmentDecision decision,
            @RestHeader("If-Match") Optional<String> ifMatch,
            @Context RoutingContext call) {
        return requests.decide(tenant, id, decision.approved(), Actor.of(call).who(), ifMatch)
                .map(ReEnrolmentResource::tagged);
    }

    private static Response tagged(ReEnrolment request) {
        return Response.ok(request).tag(EntityTags.of(request.version())).build();
    }
}
