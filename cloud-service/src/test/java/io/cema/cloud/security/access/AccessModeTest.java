package io.cema.cloud.security.access;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessModeTest {
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "::1", "127.3.2.1"})
    void open_standsOnLoopback(String host) {
        assertThatCode(() -> Access.requireLoopback(host)).doesNotThrowAnyException();
    }

    @Test
    void openArtefacts_standOnLoopbackWithoutCertificates() {
        assertThatCode(() -> Access.requireMayBeOpen(false, "127.0.0.1")).doesNotThrowAnyException();
    }

    @Test
    void openArtefacts_areRefusedWhereOthersGetIn() {
        assertThatThrownBy(() -> Access.requireMayBeOpen(false, "0.0.0.0"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("quarkus.http.host=0.0.0.0")
                .hasMessageContaining("cema.security.enabled=true");
    }

    @Test
    void openArtefacts_areRefusedWhereDevicesHaveCertificates() {
        assertThatThrownBy(() -> Access.requireMayBeOpen(true, "127.0.0.1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("cema.access.open-artefacts=true")
                .hasMessageContaining("remove it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.7"})
    void open_isRefusedWhereOthersGetIn(String host) {
        assertThatThrownBy(() -> Access.requireLoopback(host))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("quarkus.http.host=" + host)
                .hasMessageContaining("cema.access.mode=local");
    }
}
