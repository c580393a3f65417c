package io.cema.cloud.security;

import io.cema.cloud.event.Actor;
import io.cema.cloud.http.Ids;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;

/** REST: a device's certificate. Renewal is for devices and proved by their key; the rest is for operators. */
@Path("/api/v1/devices/{id}/certificate")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Certificates", description = "Certificates of devices")
class CertificateResource {
    private final Enrolment enrolment;
    private final PlatformAuthority platform;
    private final RevocationList revocations;
    private final String tenant;

    CertificateResource(
            Enrolment enrolment,
            PlatformAuthority platform,
            RevocationList revocations,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.enrolment = enrolment;
        this.platform = platform;
        this.revocations = revocations;
        this.tenant = tenant;
    }

    @GET
    @Operation(summary = "The device's newest certificate")
    @APIResponse(responseCode = "200", description = "The certificate, perhaps revoked")
    @APIResponse(responseCode = "404", description = "It has none, or enrolment is off")
    public Uni<DeviceCertificate> get(@RestPath String id) {
        CertificateAuthority authority = platform.authority();
        return enrolment.find(tenant, id).map(issued -> DeviceCertificate.of(issued, authority));
    }

    @POST
    @Blocking
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "renew",
            summary = "Gives a device its next certificate",
            description = "The request is made and signed with the key of the present certificate: that is the proof."
                    + " Before the last third of its time the answer is the present certificate.")
    @APIResponse(responseCode = "200", description = "The certificate to use from now on")
    @APIResponse(
            responseCode = "403",
            description = "The device has no certificate for that key, or it is revoked or at its end")
    @APIResponse(responseCode = "404", description = "Enrolment is off")
    @APIResponse(responseCode = "422", description = "The certificate request is not valid for this device")
    public DeviceCertificate renew(
            @RestPath @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE) String id,
            @NotNull @Valid RenewalRequest body,
            @Context RoutingContext call) {
        CertificateAuthority authority = platform.authority();
        IssuedCertificate issued = enrolment
                .renew(tenant, id, CertificateRequest.parse(body.request()), Actor.of(call))
                .await()
                .indefinitely();
        return DeviceCertificate.of(issued, authority);
    }

    @DELETE
    @Blocking
    @Operation(
            summary = "Revokes all certificates of a device, and its open claims",
            description = "The broker ends its session when it reads the new revocation list.")
    @APIResponse(responseCode = "204", description = "Revoked, and the revocation list written")
    @APIResponse(responseCode = "404", description = "It never had one, or enrolment is off")
    public void revoke(@RestPath String id) {
        platform.authority();
        enrolment.revoke(tenant, id).await().indefinitely();
        revocations.refresh();
    }
}
