package io.cema.cloud.messaging;

import io.cema.cloud.persistence.ServiceClock;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.MqttLinkSettings;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The process's MQTT sessions, one per client id and broker; owns and closes them. They start connecting only after all
 * channels are wired, so that a kept session never delivers to a channel that is not there yet.
 */
@ApplicationScoped
class MqttLinks {
    private static final Logger LOG = Logger.getLogger(MqttLinks.class);
    private static final int AFTER_CHANNELS_ARE_WIRED = 10_000;

    private final Event<BrokerConnected> connectedEvent;
    private final Map<String, MqttLink> links = new HashMap<>();
    private final Optional<MqttLinkSettings.Tls> tls;
    private final ChannelMeters meters;
    private boolean started;

    MqttLinks(Event<BrokerConnected> connectedEvent, MqttTlsSettings tls, ServiceClock clock, ChannelMeters meters) {
        this.connectedEvent = connectedEvent;
        this.meters = meters;
        this.tls = tls.files(clock);
    }

    synchronized MqttLink of(SessionKey session) {
        return links.computeIfAbsent(session.identity(), identity -> {
            MqttLinkSettings plain = MqttLinkSettings.of(session.host(), session.port(), session.clientId())
                    .withSessionExpiry(session.expiry())
                    .withReceiveMaximum(session.receiveMaximum());
            MqttLink link = MqttLink.create(tls.map(plain::withTls).orElse(plain));
            link.listen(new MqttLink.LinkListener() {
                @Override
                public void connected(boolean sessionPresent) {
                    LOG.infof("%s connected%s", identity, sessionPresent ? ", session kept" : "");
                    connectedEvent.fire(new BrokerConnected(session.clientId()));
                }

                @Override
                public void disconnected(String reason) {
                    LOG.warnf("%s disconnected: %s", identity, reason);
                }
            });
            meters.watch(session.clientId(), link);
            if (started) {
                link.start();
            }
            return link;
        });
    }

    synchronized void start(@Observes @Priority(AFTER_CHANNELS_ARE_WIRED) StartupEvent event) {
        started = true;
        links.values().forEach(MqttLink::start);
    }

    @PreDestroy
    synchronized void close() {
        links.values().forEach(MqttLink::close);
        links.clear();
    }
}
