package io.cema.cloud.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.cloud.http.ProblemException;
import java.util.List;
import org.junit.jupiter.api.Test;

class DevicePolicyTest {
    private static DevicePolicy policy(String json) throws JsonProcessingException {
        return DevicePolicy.of(new ObjectMapper().readTree(json));
    }

    @Test
    void of_oneField_leavesTheOthersAtTheAgentsDefault() throws JsonProcessingException {
        assertThat(policy("{\"selection\":{\"entropyMinFraction\":0.1}}").selection())
                .isEqualTo(new SelectionRules(0, 0.1f, 0, 0, 0, 0, 0, SelectionRules.Upload.DEVICE, List.of(), ""));
    }

    @Test
    void of_null_isRefused() {
        assertThatThrownBy(() -> policy("{\"selection\":{\"entropyMinFraction\":null}}"))
                .isInstanceOf(ProblemException.class);
    }

    @Test
    void of_unknownField_isRefused() {
        assertThatThrownBy(() -> policy("{\"selection\":{\"entropyMin\":0.1}}")).isInstanceOf(ProblemException.class);
    }
}
