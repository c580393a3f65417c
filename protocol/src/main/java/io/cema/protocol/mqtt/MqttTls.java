package io.cema.protocol.mqtt;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttClientSslConfigBuilder;
import io.cema.protocol.tls.PemTls;
import java.util.List;

/** Turns PEM files into the client's TLS configuration. Read before every connect, so renewed certificates are used. */
final class MqttTls {
    private MqttTls() {}

    /** @throws IllegalArgumentException naming the file that is missing or wrong */
    static MqttClientSslConfig load(MqttLinkSettings.Tls tls) {
        if (tls.certificate().isPresent() != tls.key().isPresent()) {
            throw new IllegalArgumentException("TLS needs a client's certificate and its key, or neither: certificate "
                    + tls.certificate() + ", key " + tls.key());
        }
        MqttClientSslConfigBuilder builder = MqttClientSslConfig.builder()
                .trustManagerFactory(PemTls.trust(tls.trust(), tls.moments().get()))
                .protocols(List.of("TLSv1.3", "TLSv1.2"));
        if (!tls.verifyHostname()) {
            builder.hostnameVerifier((host, session) -> true);
        }
        tls.certificate()
                .ifPresent(chain -> builder.keyManagerFactory(
                        PemTls.identity(chain, tls.key().orElseThrow())));
        return builder.build();
    }
}
