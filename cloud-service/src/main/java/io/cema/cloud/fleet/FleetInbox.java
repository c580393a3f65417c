package io.cema.cloud.fleet;

import com.google.protobuf.Message;
import io.cema.cloud.messaging.IncomingMqttMetadata;
import io.cema.cloud.persistence.Patience;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Presence;
import io.cema.protocol.message.ReportedState;
import io.cema.protocol.message.Telemetry;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.topic.Topics;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/**
 * What devices tell of themselves. Each method waits for the database if it is away; a message that is wrong fails and
 * becomes a dead letter by the channel's failure strategy. An empty retained message is a cleared topic, no message.
 */
@ApplicationScoped
class FleetInbox {
    private final DeviceReports reports;

    FleetInbox(DeviceReports reports) {
        this.reports = reports;
    }

    @Incoming("presence")
    Uni<Void> presence(byte[] payload, IncomingMqttMetadata metadata) {
        return payload.length == 0
                ? Uni.createFrom().voidItem()
                : stored(() -> reports.presence(device(metadata), open(payload, Presence.getDefaultInstance())));
    }

    @Incoming("reported")
    Uni<Void> reported(byte[] payload, IncomingMqttMetadata metadata) {
        return payload.length == 0
                ? Uni.createFrom().voidItem()
                : stored(() -> reports.reported(device(metadata), open(payload, ReportedState.getDefaultInstance())));
    }

    @Incoming("telemetry")
    Uni<Void> telemetry(byte[] payload, IncomingMqttMetadata metadata) {
        return stored(() -> reports.telemetry(device(metadata), open(payload, Telemetry.getDefaultInstance())));
    }

    @Incoming("events")
    Uni<Void> event(byte[] payload, IncomingMqttMetadata metadata) {
        return stored(() -> reports.event(device(metadata), open(payload, DeviceEvent.getDefaultInstance())));
    }

    private interface Work {
        Uni<Void> start();
    }

    private static Uni<Void> stored(Work work) {
        return Patience.untilDatabaseAnswers(Uni.createFrom().deferred(work::start));
    }

    private static <M extends Message> M open(byte[] payload, M prototype) {
        return EnvelopeOpener.openUnsigned(payload, prototype);
    }

    private static String device(IncomingMqttMetadata metadata) {
        if (Topics.parse(metadata.topic()) instanceof Topics.DeviceTopic topic) {
            return topic.device();
        }
        throw new IllegalArgumentException("topic " + metadata.topic() + " is not a device's");
    }
}
