package io.cema.cloud.http.idempotency;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/**
 * Keeps the answer before it goes out. What was refused (4xx) or not begun (503) did nothing, and its key is free again;
 * where keeping fails, the key stays taken: the change may have been made.
 */
class AnswerKeeper {
    private static final Logger LOG = Logger.getLogger(AnswerKeeper.class);
    private static final List<String> HEADERS = List.of(HttpHeaders.LOCATION, HttpHeaders.ETAG);

    private final IdempotencyKeys keys;
    private final CurrentVertxRequest current;
    private final ObjectMapper json;

    AnswerKeeper(IdempotencyKeys keys, CurrentVertxRequest current, ObjectMapper json) {
        this.keys = keys;
        this.current = current;
        this.json = json;
    }

    @ServerResponseFilter
    public Uni<Void> keep(ContainerResponseContext response) {
        Optional<PendingAnswer> pending = PendingAnswer.of(current.getCurrent()).filter(PendingAnswer::settle);
        if (pending.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        IdempotencyKeys.Key key = pending.get().key();
        int status = response.getStatus();
        Uni<Void> work = (status >= 400 && status < 500) || status == 503
                ? keys.release(key)
                : Uni.createFrom().deferred(() -> keys.keep(key, answer(response)));
        return work.onFailure()
                .invoke(e -> LOG.errorf(e, "Idempotency-Key %s: answer %d is not kept", key.text(), status))
                .onFailure()
                .recoverWithNull();
    }

    private KeptAnswer answer(ContainerResponseContext response) {
        Map<String, String> headers = new HashMap<>();
        for (String name : HEADERS) {
            Optional.ofNullable(response.getHeaderString(name)).ifPresent(value -> headers.put(name, value));
        }
        String cache = response.getHeaderString(HttpHeaders.CACHE_CONTROL);
        boolean secret = cache != null && cache.contains("no-store");
        Optional<byte[]> body = secret
                ? Optional.empty()
                : Optional.ofNullable(response.getEntity()).map(this::bytes);
        if (body.isPresent()) {
            MediaType type = response.getMediaType();
            headers.put(HttpHeaders.CONTENT_TYPE, type == null ? MediaType.APPLICATION_JSON : type.toString());
        }
        return new KeptAnswer(response.getStatus(), headers, body, secret);
    }

    private byte[] bytes(Object entity) {
        if (entity instanceof byte[] bytes) {
            return bytes;
        }
        if (entity instanceof String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        try {
            return json.writeValueAsBytes(entity);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the answer " + entity.getClass().getName() + " is not JSON", e);
        }
    }
}
