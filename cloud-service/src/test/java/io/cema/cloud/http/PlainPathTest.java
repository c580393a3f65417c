package io.cema.cloud.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainPathTest {
    @ParameterizedTest
    @ValueSource(strings = {"/", "/q/health", "/api/v1/devices/cam_1-A/certificate", "/q/swagger-ui/", "/q/a.min.css"})
    void oneWayToWriteIt_isPlain(String path) {
        assertThat(PlainPath.isPlain(path)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "api/v1/claims",
                "/api/v1/claims;a=b",
                "/api//v1/claims",
                "/api/v1/x/../claims",
                "/api/v1/./claims",
                "/api/v1/..",
                "/api/v1/%63laims",
                "/api/v1/claims\\",
                "/api/v1/claims//",
                "/api/v1/cl aims",
                "/api/v1/claims\n"
            })
    void whatCouldBeReadInTwoWays_isNot(String path) {
        assertThat(PlainPath.isPlain(path)).isFalse();
    }
}
