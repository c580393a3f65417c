package io.cema.cloud.adaptation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CohortPolicyTest {
    @Test
    void parse_emptyObject_isTheDefaults() {
        assertThat(CohortPolicy.parse("{}")).isEqualTo(CohortPolicy.defaults());
    }

    @Test
    void parse_oneField_leavesTheOthersAtTheirDefaults() {
        CohortPolicy policy = CohortPolicy.parse("{\"cadence\": {\"candidateSteps\": 7}, \"selection\": {\"x\": 1}}");

        assertThat(policy.cadence().candidateSteps()).isEqualTo(7);
        assertThat(policy.cadence().idleSteps()).isEqualTo(Cadence.defaults().idleSteps());
        assertThat(policy.gate()).isEqualTo(GateSettings.defaults());
    }

    @Test
    void parse_valueOutOfRange_namesFieldAndRange() {
        assertThatThrownBy(() -> CohortPolicy.parse("{\"learning\": {\"momentum\": 1.5}}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("learning")
                .hasMessageContaining("momentum")
                .hasMessageContaining("[0, 1)");
    }

    @Test
    void parse_unknownField_isNamed() {
        assertThatThrownBy(() -> CohortPolicy.parse("{\"gate\": {\"marginn\": 1}}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gate")
                .hasMessageContaining("marginn");
    }

    @Test
    void parse_guard_takesItsShare() {
        assertThat(CohortPolicy.parse("{\"guard\": {\"deviceShare\": 0.1}}").guard())
                .isEqualTo(new GuardSettings(0.1, 60, true));
        assertThatThrownBy(() -> CohortPolicy.parse("{\"guard\": {\"deviceShare\": 0}}"))
                .hasMessageContaining("deviceShare must be above 0");
    }

    @Test
    void parse_notJson_isRefused() {
        assertThatThrownBy(() -> CohortPolicy.parse("{"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not JSON");
    }
}
