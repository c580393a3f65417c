package io.cema.cloud.fleet;

import io.cema.cloud.persistence.Patience;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Presence;
import io.cema.protocol.message.ReportedState;
import io.cema.protocol.message.Telemetry;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.topic.Topics;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.Flow;
import java.util.function.BiFunction;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/**
 * What devices tell of themselves. Each channel waits for the database if it is away; a message that is wrong fails and
 * becomes a dead letter by the channel's failure strategy. An empty retained message is a cleared topic, no message.
 */
@ApplicationScoped
class FleetInbox {
    private final DeviceReports reports;

    FleetInbox(DeviceReports reports) {
        this.reports = reports;
    }

    @Incoming("presence")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Flow.Subscriber<Message<byte[]>> presence() {
        return stored(Presence.getDefaultInstance(), reports::presence);
    }

    @Incoming("reported")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Flow.Subscriber<Message<byte[]>> reported() {
        return stored(ReportedState.getDefaultInstance(), reports::reported);
    }

    @Incoming("telemetry")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Flow.Subscriber<Message<byte[]>> telemetry() {
        return lanes((device, payload) ->
                reports.telemetry(device, EnvelopeOpener.openDated(payload, Telemetry.getDefaultInstance())));
    }

    @Incoming("events")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Flow.Subscriber<Message<byte[]>> event() {
        return stored(DeviceEvent.getDefaultInstance(), reports::event);
    }

    private static <M extends com.google.protobuf.Message> Flow.Subscriber<Message<byte[]>> stored(
            M prototype, BiFunction<String, M, Uni<Void>> store) {
        return lanes((device, payload) -> store.apply(device, EnvelopeOpener.openUnsigned(payload, prototype)));
    }

    private static Flow.Subscriber<Message<byte[]>> lanes(BiFunction<String, byte[], Uni<Void>> store) {
        return DeviceLanes.of((topic, payload) -> payload.length == 0
                ? Uni.createFrom().voidItem()
                : Patience.untilDatabaseAnswers(Uni.createFrom().deferred(() -> store.apply(device(topic), payload))));
    }

    private static String device(String path) {
        if (Topics.parse(path) instanceof Topics.DeviceTopic topic) {
            return topic.device();
        }
        throw new IllegalArgumentException("topic " + path + " is not a device's");
    }
}
