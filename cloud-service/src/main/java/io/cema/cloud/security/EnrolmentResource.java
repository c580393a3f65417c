package io.cema.cloud.security;

import io.cema.cloud.event.Actor;
import io.cema.cloud.http.ProblemException;
import io.cema.protocol.enrolment.ClaimToken;
import io.smallrye.common.annotation.Blocking;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST: enrolment, for devices. The claim is the authentication. */
@Path("/api/v1/enrolments")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Certificates", description = "Certificates of devices")
class EnrolmentResource {
    private final Enrolment enrolment;
    private final PlatformAuthority platform;
    private final RevocationList revocations;
    private final EnrolmentMeters meters;
    private final String tenant;

    EnrolmentResource(
            Enrolment enrolment,
            PlatformAuthority platform,
            RevocationList revocations,
            EnrolmentMeters meters,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.enrolment = enrolment;
        this.platform = platform;
        this.revocations = revocations;
        this.meters = meters;
        this.tenant = tenant;
    }

    @POST
    @Blocking
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "enrol",
            summary = "Gives a device its certificate for a claim",
            description = "The claim is bound to the first key that comes with it: the same request again gets the same"
                    + " certificate, another key none. What the device had before is revoked.")
    @APIResponseSchema(value = DeviceCertificate.class, responseCode = "201", responseDescription = "The certificate")
    @APIResponse(responseCode = "400", description = "The claim has not the form of one")
    @APIResponse(responseCode = "403", description = "The claim is unknown, expired or spent; the answer is the same")
    @APIResponse(responseCode = "404", description = "Enrolment is off")
    @APIResponse(responseCode = "409", description = "The claim was used with another key")
    @APIResponse(responseCode = "422", description = "The certificate request is not valid for this claim")
    public Response enrol(@NotNull @Valid EnrolmentRequest body, @Context RoutingContext call) {
        CertificateAuthority authority = platform.authority();
        CertificateRequest request = CertificateRequest.parse(body.request());
        IssuedCertificate issued = enrolment
                .enrol(tenant, token(body.claim()), request, Actor.of(call))
                .invoke(meters::issued)
                .onFailure(ProblemException.class)
                .invoke(meters::refused)
                .await()
                .indefinitely();
        revocations.refresh();
        return Response.status(Response.Status.CREATED)
                .entity(DeviceCertificate.of(issued, authority))
                .build();
    }

    private static ClaimToken token(String text) {
        try {
            return ClaimToken.parse(text);
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid(e.getMessage());
        }
    }
}
