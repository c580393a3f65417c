package io.cema.cloud.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.cloud.http.ProblemException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @Test
    void of_rulesOfTheUplink_areTaken() throws JsonProcessingException {
        SelectionRules rules = policy("{\"selection\":{\"bytesPerDay\":1000,\"upload\":\"NONE\","
                        + "\"quietHours\":[\"22:00-06:00\"],\"timeZone\":\"Europe/Berlin\"}}")
                .selection();

        assertThat(rules.bytesPerDay()).isEqualTo(1000);
        assertThat(rules.upload()).isEqualTo(SelectionRules.Upload.NONE);
        assertThat(rules.quietHours()).containsExactly("22:00-06:00");
        assertThat(rules.timeZone()).isEqualTo("Europe/Berlin");
    }

    @Test
    void of_statisticsJudgedByCanariesWithoutImages_isTaken() throws JsonProcessingException {
        assertThat(policy("{\"selection\":{\"upload\":\"STATISTICS\"},"
                                + "\"canary\":{\"health\":{\"conditions\":[\"CERTAINTY\"]}}}")
                        .selection()
                        .upload())
                .isEqualTo(SelectionRules.Upload.STATISTICS);
    }

    @Test
    void of_statisticsThatNobodyCouldJudge_isRefusedWithTheRemedy() {
        String statistics = "{\"selection\":{\"upload\":\"STATISTICS\"}";

        assertThatThrownBy(() -> policy(statistics + "}")).hasMessageContaining("needs a section canary");
        assertThatThrownBy(() -> policy(statistics + ",\"canary\":{}}")).hasMessageContaining("without AGREEMENT");
        assertThatThrownBy(() ->
                        policy(statistics + ",\"canary\":{\"health\":{\"conditions\":[\"CERTAINTY\",\"AGREEMENT\"]}}}"))
                .hasMessageContaining("without AGREEMENT");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"bytesPerDay\":-1}",
                "{\"upload\":\"STATISTICS_ALONE\"}",
                "{\"upload\":null}",
                "{\"quietHours\":[\"22:00\"]}",
                "{\"quietHours\":[\"22:00-22:00\"]}",
                "{\"quietHours\":[\"24:00-06:00\"]}",
                "{\"quietHours\":null}",
                "{\"timeZone\":\"Mars/Olympus\"}"
            })
    void of_wrongRuleOfTheUplink_isRefused(String selection) {
        assertThatThrownBy(() -> policy("{\"selection\":" + selection + "}"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("policy.selection");
    }
}
