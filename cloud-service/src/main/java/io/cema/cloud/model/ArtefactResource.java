package io.cema.cloud.model;

import io.cema.cloud.http.Problem;
import io.cema.cloud.http.ProblemException;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestHeader;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** REST: the bytes of models and manifests. Images and checkpoints are artefacts too, but are not served here. */
@Path("/api/v1/artefacts")
@Tag(name = "Artefacts", description = "Models and manifests by the SHA-256 of their content")
class ArtefactResource {
    private static final String CONTENT_RANGE = "Content-Range";

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
    @Produces(MediaType.APPLICATION_OCTET_STREAM)
    @Operation(
            summary = "The bytes of a model or manifest",
            description = "Takes a Range header with one range, so that a broken download goes on where it ended, and"
                    + " If-Range with the entity tag, which is the SHA-256 in quotes. A device shows its certificate"
                    + " instead of a token, and gets what its desired state names.")
    @APIResponse(
            responseCode = "200",
            description = "The whole content",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_OCTET_STREAM,
                            schema = @Schema(type = SchemaType.STRING, format = "binary")))
    @APIResponse(
            responseCode = "206",
            description = "The range asked for",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_OCTET_STREAM,
                            schema = @Schema(type = SchemaType.STRING, format = "binary")))
    @APIResponse(responseCode = "404", description = "No model or manifest has this digest")
    @APIResponse(responseCode = "416", description = "The range lies beyond the end; Content-Range has the size")
    public Uni<Response> get(
            @RestPath String sha256, @RestHeader("Range") String range, @RestHeader("If-Range") String ifRange) {
        String asked = ifRange == null || ifRange.strip().equals(tag(sha256)) ? range : null;
        return find(sha256).map(artefact -> {
            long size = artefact.size();
            ByteRange part = ByteRange.of(asked, size);
            if (part.unsatisfiable()) {
                throw new RangeException(asked, size);
            }
            Response.ResponseBuilder response =
                    head(sha256, part.whole(size) ? 200 : 206).entity(new ArtefactBody(sha256, part));
            if (!part.whole(size)) {
                response.header(CONTENT_RANGE, "bytes " + part.first() + "-" + part.last() + "/" + size);
            }
            return response.build();
        });
    }

    @HEAD
    @Path("/{sha256}")
    @Produces(MediaType.APPLICATION_OCTET_STREAM)
    @Operation(
            summary = "Whether a model or manifest is there, and its size",
            description = "A Range header is for GET alone and ignored here, as RFC 9110 says.")
    @APIResponse(responseCode = "200", description = "It is there; Content-Length has its size")
    @APIResponse(responseCode = "404", description = "No model or manifest has this digest")
    public Uni<Response> head(@RestPath String sha256) {
        return find(sha256).map(artefact -> head(sha256, 200)
                .header(HttpHeaders.CONTENT_LENGTH, artefact.size())
                .type(MediaType.APPLICATION_OCTET_STREAM)
                .build());
    }

    @ServerExceptionMapper
    public Response range(RangeException e, UriInfo uri) {
        return Response.status(e.status())
                .header(CONTENT_RANGE, "bytes */" + e.size())
                .type(Problem.MEDIA_TYPE)
                .entity(new Problem(
                        "urn:cema:problem:" + e.kind(),
                        e.title(),
                        e.status(),
                        e.getMessage(),
                        uri.getPath(),
                        List.of()))
                .build();
    }

    private Uni<Artefact> find(String sha256) {
        if (!Sha256.isDigest(sha256)) {
            throw ProblemException.invalid("'" + sha256 + "' is not a SHA-256 of 64 lower-case hex digits");
        }
        return models.serves(tenant, sha256)
                .flatMap(served ->
                        served ? artefacts.find(sha256) : Uni.createFrom().item(Optional.<Artefact>empty()))
                .map(found -> found.orElseThrow(() -> new ArtefactNotFoundException(sha256)));
    }

    private static Response.ResponseBuilder head(String sha256, int status) {
        return Response.status(status)
                .header("Accept-Ranges", "bytes")
                .header(HttpHeaders.ETAG, tag(sha256))
                .header(HttpHeaders.CACHE_CONTROL, "private, max-age=31536000, immutable");
    }

    private static String tag(String sha256) {
        return '"' + sha256 + '"';
    }
}
