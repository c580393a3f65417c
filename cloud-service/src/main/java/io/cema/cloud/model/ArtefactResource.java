package io.cema.cloud.model;

import io.cema.cloud.http.ProblemException;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestHeader;
import org.jboss.resteasy.reactive.RestPath;

/** REST: the bytes of models and manifests. Images and checkpoints are artefacts too, but are not served here. */
@Path("/api/v1/artefacts")
@Tag(name = "Artefacts", description = "Models and manifests by the SHA-256 of their content")
class ArtefactResource {
    private static final int CHUNK = 256 * 1024;

    private final ArtefactStore artefacts;
    private final ModelRegistry models;
    private final String tenant;

    ArtefactResource(
            ArtefactStore artefacts, ModelRegistry models, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.artefacts = artefacts;
        this.models = models;
        this.tenant = tenant;
    }

    @GET
    @Path("/{sha256}")
    @Blocking
    @Produces(MediaType.APPLICATION_OCTET_STREAM)
    @Operation(
            summary = "The bytes of a model or manifest",
            description = "Takes a Range header with one range, so that a broken download goes on where it ended.")
    @APIResponse(responseCode = "200", description = "The whole content")
    @APIResponse(responseCode = "206", description = "The range asked for")
    @APIResponse(responseCode = "404", description = "No model or manifest has this digest")
    @APIResponse(responseCode = "416", description = "The range lies beyond the end")
    public Response get(@RestPath String sha256, @RestHeader("Range") String range) {
        if (!Sha256.isDigest(sha256)) {
            throw ProblemException.invalid("'" + sha256 + "' is not a SHA-256 of 64 lower-case hex digits");
        }
        if (!models.serves(tenant, sha256).await().indefinitely()) {
            throw new ArtefactNotFoundException(sha256);
        }
        long size = artefacts
                .find(sha256)
                .await()
                .indefinitely()
                .orElseThrow(() -> new ArtefactNotFoundException(sha256))
                .size();
        ByteRange part = ByteRange.of(range, size);
        if (part.unsatisfiable()) {
            throw new RangeException(range, size);
        }
        Response.ResponseBuilder response = Response.status(part.whole(size) ? 200 : 206)
                .header("Accept-Ranges", "bytes")
                .header(HttpHeaders.ETAG, '"' + sha256 + '"')
                .header(HttpHeaders.CACHE_CONTROL, "private, max-age=31536000, immutable")
                .header(HttpHeaders.CONTENT_LENGTH, part.length())
                .entity((StreamingOutput) out -> write(sha256, part, out));
        if (!part.whole(size)) {
            response.header("Content-Range", "bytes " + part.first() + "-" + part.last() + "/" + size);
        }
        return response.build();
    }

    private void write(String digest, ByteRange part, OutputStream out) throws IOException {
        for (long at = part.first(); at <= part.last(); at += CHUNK) {
            int length = (int) Math.min(CHUNK, part.last() - at + 1);
            out.write(artefacts.read(digest, at, length).await().indefinitely());
        }
    }
}
