package io.cema.ops.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.exceptions.MqttClientStateException;
import com.hivemq.client.mqtt.exceptions.MqttSessionExpiredException;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5ConnectBuilder;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.TrustManagerFactory;

/** A client that connects once and says what the broker answered. It may do what an honest one would not. */
final class Client implements AutoCloseable {
    private final Mqtt5BlockingClient client;
    private final List<String> received = new CopyOnWriteArrayList<>();

    private Client(Mqtt5BlockingClient client) {
        this.client = client;
        client.toAsync()
                .publishes(
                        MqttGlobalPublishFilter.ALL,
                        message -> received.add(message.getTopic().toString()));
    }

    /** Where and as whom. */
    record Target(int port, X509Certificate trust, Optional<Identity> identity, String clientId) {
        Target as(String otherClientId) {
            return new Target(port, trust, identity, otherClientId);
        }
    }

    /** Fails as the HiveMQ client does if the broker refuses. */
    static Client connect(Target target) {
        return connect(target, Optional.empty());
    }

    static Client connect(Target target, Optional<String> willTopic) {
        return connect(secure(target), willTopic, 0);
    }

    /** With a session that outlives the connection by ten minutes. */
    static Client connectLasting(Target target) {
        return connect(secure(target), Optional.empty(), 600);
    }

    static Client connectPlain(int port, String clientId) {
        return connect(builder(port, clientId, null), Optional.empty(), 0);
    }

    private static Mqtt5ClientBuilder secure(Target target) {
        MqttClientSslConfig tls = MqttClientSslConfig.builder()
                .trustManagerFactory(trust(target.trust()))
                .keyManagerFactory(target.identity().map(Identity::keys).orElse(null))
                .build();
        return builder(target.port(), target.clientId(), tls);
    }

    private static Client connect(Mqtt5ClientBuilder builder, Optional<String> willTopic, long sessionSeconds) {
        Client made = new Client(builder.buildBlocking());
        Mqtt5ConnectBuilder connect = Mqtt5Connect.builder().cleanStart(false).sessionExpiryInterval(sessionSeconds);
        willTopic.ifPresent(topic -> connect.willPublish()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(new byte[] {1})
                .applyWillPublish());
        made.client.connect(connect.build());
        return made;
    }

    private static Mqtt5ClientBuilder builder(int port, String clientId, MqttClientSslConfig tls) {
        return Mqtt5Client.builder()
                .identifier(clientId)
                .serverHost("127.0.0.1")
                .serverPort(port)
                .transportConfig()
                .sslConfig(tls)
                .mqttConnectTimeout(20, TimeUnit.SECONDS)
                .applyTransportConfig();
    }

    boolean connected() {
        return client.getState().isConnected();
    }

    /** Whether the broker took it; it may end the connection of who publishes what it may not. */
    boolean publish(String topic, boolean retained) {
        return publish(topic, retained, new byte[] {1});
    }

    boolean publish(String topic, int bytes) {
        return publish(topic, false, new byte[bytes]);
    }

    /** Returns before the broker has it. */
    void publishAtMostOnce(String topic) {
        client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_MOST_ONCE)
                .payload(new byte[] {1})
                .send();
    }

    private boolean publish(String topic, boolean retained, byte[] payload) {
        try {
            return client.publishWith()
                    .topic(topic)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .retain(retained)
                    .payload(payload)
                    .send()
                    .getError()
                    .isEmpty();
        } catch (Mqtt5PubAckException | MqttClientStateException | MqttSessionExpiredException e) {
            return false;
        }
    }

    boolean publish(String topic) {
        return publish(topic, false);
    }

    /** Whether the broker granted it; Mosquitto grants what it never delivers. */
    boolean subscribe(String filter) {
        try {
            client.subscribeWith()
                    .topicFilter(filter)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
            return true;
        } catch (Mqtt5SubAckException e) {
            return false;
        }
    }

    /** Topics of what came, in order. */
    List<String> received() {
        return received;
    }

    /** Ends the connection so that the broker sends the will. */
    void leaveWill() {
        client.disconnectWith()
                .reasonCode(Mqtt5DisconnectReasonCode.DISCONNECT_WITH_WILL_MESSAGE)
                .send();
    }

    @Override
    public void close() {
        try {
            client.disconnect();
        } catch (MqttClientStateException e) {
            assertThat(connected()).isFalse(); // the broker was first
        }
    }

    private static TrustManagerFactory trust(X509Certificate authority) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("authority", authority);
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
