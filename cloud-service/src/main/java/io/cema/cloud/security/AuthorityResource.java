package io.cema.cloud.security;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST: what brokers and devices must know of the authority; public by nature. */
@Path("/api/v1/certificate-authority")
@Tag(name = "Certificates", description = "Certificates of devices")
class AuthorityResource {
    private static final String PEM = "application/x-pem-file";

    private final PlatformAuthority platform;
    private final RevocationList revocations;
    private final SlotList slots;

    AuthorityResource(PlatformAuthority platform, RevocationList revocations, SlotList slots) {
        this.platform = platform;
        this.revocations = revocations;
        this.slots = slots;
    }

    @GET
    @Produces(PEM)
    @Operation(operationId = "getAuthority", summary = "The authority's certificate in PEM")
    @APIResponse(responseCode = "200", description = "The certificate")
    @APIResponse(responseCode = "404", description = "Enrolment is off")
    public String certificate() {
        return platform.authority().pem();
    }

    @GET
    @Path("/revoked")
    @Produces(PEM)
    @Operation(operationId = "getRevocationList", summary = "The revocation list in PEM, for brokers on other machines")
    @APIResponse(responseCode = "200", description = "The list")
    @APIResponse(responseCode = "404", description = "Enrolment is off")
    @APIResponse(responseCode = "503", description = "The service has not read its database yet")
    public String revoked() {
        return PemFiles.block("X509 CRL", revocations.der());
    }

    @GET
    @Path("/slots")
    @Produces(MediaType.TEXT_PLAIN)
    @Operation(
            operationId = "getSlotList",
            summary =
                    "Which device reads which update topics, for brokers on other machines: the language of Mosquitto's"
                            + " access files, signed by the authority in the last line")
    @APIResponse(responseCode = "200", description = "The list")
    @APIResponse(responseCode = "404", description = "Enrolment is off")
    @APIResponse(responseCode = "503", description = "The service has not read its database yet")
    public String slots() {
        return slots.signed();
    }
}
