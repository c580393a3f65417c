package io.cema.cloud.model;

import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveResourceInfo;
import org.jboss.resteasy.reactive.server.spi.ServerMessageBodyWriter;
import org.jboss.resteasy.reactive.server.spi.ServerRequestContext;

/**
 * Sends an artefact piece by piece, the next one read when the last one is on its way: a fleet on thin lines that fetches
 * a new model costs one piece of memory per download and no thread.
 */
@Provider
class ArtefactBodyWriter implements ServerMessageBodyWriter<ArtefactBody> {
    private static final Logger LOG = Logger.getLogger(ArtefactBodyWriter.class);
    private static final int PIECE = 128 * 1024;

    private final ArtefactStore artefacts;

    ArtefactBodyWriter(ArtefactStore artefacts) {
        this.artefacts = artefacts;
    }

    @Override
    public boolean isWriteable(
            Class<?> type, Type genericType, ResteasyReactiveResourceInfo target, MediaType mediaType) {
        return type == ArtefactBody.class;
    }

    @Override
    public boolean isWriteable(Class<?> type, Type genericType, Annotation[] annotations, MediaType mediaType) {
        return type == ArtefactBody.class;
    }

    @Override
    public void writeResponse(ArtefactBody body, Type genericType, ServerRequestContext context) {
        ResteasyReactiveRequestContext request = (ResteasyReactiveRequestContext) context;
        request.suspend();
        // Before the first piece; the other headers follow by themselves.
        request.serverResponse()
                .setResponseHeader(
                        HttpHeaders.CONTENT_LENGTH, Long.toString(body.part().length()));
        send(body, body.part().first(), request);
    }

    /** What a writer interceptor would call; there is none. */
    @Override
    public void writeTo(
            ArtefactBody body,
            Class<?> type,
            Type genericType,
            Annotation[] annotations,
            MediaType mediaType,
            MultivaluedMap<String, Object> headers,
            OutputStream out)
            throws IOException {
        for (long at = body.part().first(); at <= body.part().last(); at += PIECE) {
            out.write(
                    artefacts.read(body.digest(), at, length(body, at)).await().indefinitely());
        }
    }

    private void send(ArtefactBody body, long at, ResteasyReactiveRequestContext request) {
        if (at > body.part().last()) {
            request.serverResponse().end();
            request.resume();
            return;
        }
        int length = length(body, at);
        artefacts
                .read(body.digest(), at, length)
                .map(bytes -> whole(bytes, length, body))
                .onFailure()
                .invoke(failure ->
                        LOG.errorf("artefact %s cannot be sent from byte %d on: %s", body.digest(), at, failure))
                .flatMap(bytes -> Uni.createFrom()
                        .completionStage(() -> request.serverResponse().write(bytes)))
                .subscribe()
                .with(sent -> send(body, at + length, request), failure -> breakOff(request, failure));
    }

    private static byte[] whole(byte[] bytes, int length, ArtefactBody body) {
        if (bytes.length < length) {
            throw new IllegalStateException("artefact " + body.digest() + " became shorter while it was sent");
        }
        return bytes;
    }

    /** The head is sent, so only a broken connection can say that something is missing. Mostly the other side broke it. */
    private static void breakOff(ResteasyReactiveRequestContext request, Throwable cause) {
        LOG.debugf("download %s broke off: %s", request.getPath(), cause);
        if (!request.serverResponse().closed()) {
            request.serverRequest().closeConnection();
        }
        request.resume();
    }

    private static int length(ArtefactBody body, long at) {
        return (int) Math.min(PIECE, body.part().last() - at + 1);
    }
}
