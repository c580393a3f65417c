package io.cema.cloud.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.cloud.event.LiveEventWatcher.Message;
import io.cema.cloud.http.Problem;
import io.cema.cloud.persistence.Patience;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.ResponseHeader;
import org.jboss.resteasy.reactive.RestHeader;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: what happens, as it happens, as server-sent events. */
@Path("/api/v1/events/stream")
@Tag(name = "Live events", description = "What happens, as it happens")
class LiveEventResource {
    private static final Logger LOG = Logger.getLogger(LiveEventResource.class);
    private static final long RETRY_MILLIS = 2000;

    private final LiveEventLog log;
    private final LiveEventSignal signal;
    private final LiveEventWatchers watchers;
    private final LiveEventSettings settings;
    private final ObjectMapper json;
    private final String tenant;

    /** Where a stream begins, and whether events before it are missed. */
    private record Start(StreamPosition position, boolean gap) {}

    LiveEventResource(
            LiveEventLog log,
            LiveEventSignal signal,
            LiveEventWatchers watchers,
            LiveEventSettings settings,
            ObjectMapper json,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.log = log;
        this.signal = signal;
        this.watchers = watchers;
        this.settings = settings;
        this.json = json;
        this.tenant = tenant;
    }

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @ResponseHeader(name = "Cache-Control", value = "no-store")
    @ResponseHeader(name = "X-Accel-Buffering", value = "no")
    @Operation(
            operationId = "watchEvents",
            summary = "What happens, as server-sent events",
            description =
                    "Begins with what happens from now on, or behind Last-Event-ID without loss or repetition. The"
                            + " stream ends after a while (cema.live-events.longest), and a watcher that takes nothing is cut"
                            + " off: come back with the last id. Event `stream.gap` says that events were missed, since they are"
                            + " kept for a day only. Comments show that a silent stream lives.")
    @APIResponse(
            responseCode = "200",
            description = "Each event's `data` is a LiveEvent, its `event` the type, its `id` where to go on",
            content =
                    @Content(
                            mediaType = MediaType.SERVER_SENT_EVENTS,
                            schema = @Schema(implementation = LiveEvent.class)))
    @APIResponse(
            responseCode = "400",
            description = "Last-Event-ID is no id of this stream",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "503",
            description = "As many watch as may, or the database is away",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Multi<OutboundSseEvent> watch(
            @RestHeader("Last-Event-ID") @Parameter(description = "The id of the last event seen, as browsers send it")
                    Optional<String> lastEventId,
            @RestQuery
                    @Parameter(description = "The same, for a first request; 0.0 begins with the oldest that is kept")
                    Optional<String> after,
            @RestQuery @Parameter(description = "The beginning of a type", example = "rollout.") Optional<String> type,
            @RestQuery @Parameter(description = "The beginning of a subject", example = "devices/")
                    Optional<String> subject,
            @Context Sse sse,
            @Context RoutingContext call) {
        LiveEventFilter filter = new LiveEventFilter(type, subject);
        HttpServerRequest request = call.request();
        Optional<StreamPosition> known = lastEventId.or(() -> after).map(StreamPosition::parse);
        return start(known).onItem().transformToMulti(start -> {
            LiveEventWatcher watcher =
                    new LiveEventWatcher(log, signal, settings, tenant, filter, start.position(), () -> cut(request));
            watchers.enter(watcher);
            Multi<OutboundSseEvent> hello =
                    Multi.createFrom().item(start.gap() ? gap(sse, start) : sign(sse, start.position()));
            Multi<OutboundSseEvent> events = Multi.createBy()
                    .repeating()
                    .uni(watcher::next)
                    .until(Message::end)
                    .map(message -> sent(sse, message));
            return Multi.createBy()
                    .concatenating()
                    .streams(hello, events)
                    .onFailure(Patience::passes)
                    .invoke(e -> LOG.infof("a stream of live events ends, its watcher comes back: %s", e.getMessage()))
                    .onFailure(Patience::passes)
                    .recoverWithCompletion()
                    .onFailure()
                    .invoke(e -> LOG.errorf(e, "a stream of live events has failed"))
                    .onTermination()
                    .invoke(() -> watchers.leave(watcher));
        });
    }

    /** At once: closing in order would wait for what the watcher does not take. */
    private static void cut(HttpServerRequest request) {
        if (request.connection() instanceof ConnectionBase connection) {
            connection.channel().close();
        } else {
            request.connection().close();
        }
    }

    private Uni<Start> start(Optional<StreamPosition> known) {
        Uni<StreamPosition> end = log.end(tenant);
        if (known.isEmpty()) {
            return end.map(position -> new Start(position, false));
        }
        StreamPosition position = known.get();
        if (position.equals(new StreamPosition(0, 0))) { // whatever is kept: nothing can be missed
            return Uni.createFrom().item(new Start(position, false));
        }
        return log.keeps(tenant, position)
                .chain(kept -> kept
                        ? Uni.createFrom().item(new Start(position, false))
                        // One that lies ahead is of a database that was restored since.
                        : end.map(now -> new Start(position.compareTo(now) > 0 ? now : position, true)));
    }

    private OutboundSseEvent sent(Sse sse, Message message) {
        return message.event().map(event -> event(sse, event)).orElseGet(() -> sign(sse, message.position()));
    }

    private OutboundSseEvent event(Sse sse, LiveEvent event) {
        try {
            return sse.newEventBuilder()
                    .id(event.id())
                    .name(event.type())
                    .data(json.writeValueAsString(event))
                    .build();
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("live event " + event.id() + " cannot be written", e);
        }
    }

    private OutboundSseEvent gap(Sse sse, Start start) {
        return event(
                sse,
                new LiveEvent(
                        start.position().toString(),
                        "stream.gap",
                        "events",
                        Map.of("remedy", "events are missing before this one: read again what you show"),
                        Instant.now()));
    }

    /** A comment, and where to go on: a browser remembers it though it shows nothing. */
    private static OutboundSseEvent sign(Sse sse, StreamPosition position) {
        return sse.newEventBuilder()
                .comment("alive")
                .id(position.toString())
                .reconnectDelay(RETRY_MILLIS)
                .build();
    }
}
