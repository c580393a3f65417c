package io.cema.cloud.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenApiDocumentTest {
    @ParameterizedTest
    @CsvSource({
        "DeviceResource_list, listDevices",
        "PolicyResource_list, listPolicies",
        "DeviceResource_get, getDevice",
        "CohortResource_changePolicy, changeCohortPolicy",
        "RolloutResource_pauseRollout, pauseRollout",
        "registerModel, registerModel"
    })
    void operation_isNamedForWhatItDoesToWhat(String id, String name) {
        assertThat(OpenApiDocument.clientName(id)).isEqualTo(name);
    }
}
