package io.cema.cloud.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.cloud.http.ProblemException;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetGuardTest {
    private static TargetGuard guard(Map<String, String> settings) {
        return new TargetGuard(new SmallRyeConfigBuilder()
                .withMapping(WebhookSettings.class)
                .withDefaultValues(settings)
                .build()
                .getConfigMapping(WebhookSettings.class));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.8.8.8",
                "10.0.0.1",
                "172.16.3.4",
                "192.168.1.1",
                "169.254.169.254",
                "0.0.0.0",
                "0.1.2.3",
                "100.64.0.1",
                "198.18.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "fe80::1",
                "fd00::1",
                "fec0::1",
                "::ffff:10.0.0.1",
                "::10.0.0.1",
                "64:ff9b::a00:1",
                "2002:a00:1::1",
                "ff02::1"
            })
    void addressThatIsNotPublic_isRefused(String address) throws UnknownHostException {
        assertThat(TargetGuard.isPublic(InetAddress.getByName(address))).isFalse();
        String host = address.contains(":") ? "[" + address + "]" : address;
        assertThatThrownBy(() -> guard(Map.of()).requireReachable(URI.create("https://" + host + "/x")))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("cema.webhooks.allowed-hosts");
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111"})
    void publicAddress_isReached(String address) throws UnknownHostException {
        assertThat(TargetGuard.isPublic(InetAddress.getByName(address))).isTrue();
    }

    @Test
    void networkThatASettingNames_isReachedAndItsNeighbourIsNot() {
        TargetGuard guard = guard(Map.of("cema.webhooks.allowed-hosts", "10.1.0.0/16,192.168.7.7"));

        assertThatCode(() -> guard.requireReachable(URI.create("https://10.1.200.3/")))
                .doesNotThrowAnyException();
        assertThatCode(() -> guard.requireReachable(URI.create("https://192.168.7.7/")))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> guard.requireReachable(URI.create("https://10.2.0.1/")))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> guard.requireReachable(URI.create("https://192.168.7.8/")))
                .isInstanceOf(ProblemException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://8.8.8.8/",
                "ftp://8.8.8.8/",
                "https://user@8.8.8.8/",
                "https:/8.8.8.8",
                "hooks.example.com/x",
                "https://8.8.8.8/#x",
                "https://a b/",
                ""
            })
    void anythingButHttps_isRefused(String url) {
        assertThatThrownBy(() -> guard(Map.of()).requireForm(url)).isInstanceOf(ProblemException.class);
    }

    @Test
    void plainHttp_isForThisVeryMachineAlone() {
        TargetGuard guard = guard(
                Map.of("cema.webhooks.plain-loopback", "true", "cema.webhooks.allowed-hosts", "127.0.0.1,10.0.0.1"));

        assertThatCode(() -> guard.requireReachable(guard.requireForm("http://127.0.0.1:9/x")))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> guard.requireReachable(guard.requireForm("http://10.0.0.1/x")))
                .hasMessageContaining("very machine");
    }

    @Test
    void signature_isThatOfTheSpecification() {
        byte[] secret = Base64.getDecoder().decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

        // The example of the specification's reference libraries.
        assertThat(WebhookSignature.sign(
                        secret,
                        "msg_p5jXN8AQM9LWM0D4loKWxJek",
                        1614265330,
                        "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
