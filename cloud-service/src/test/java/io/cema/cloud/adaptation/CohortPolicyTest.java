package io.cema.cloud.adaptation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.cloud.adaptation.torch.Calibration;
import io.cema.cloud.rollout.health.HealthSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    void parse_calibrationWithoutExperts_hasTheDefaultNumber() {
        CohortPolicy policy = CohortPolicy.parse("{\"learning\": {\"calibration\": {\"images\": 64}}}");

        assertThat(policy.learning().calibration().images()).isEqualTo(64);
        assertThat(policy.learning().calibration().experts())
                .isEqualTo(Calibration.defaults().experts());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8})
    void parse_expertsInRange_areTaken(int experts) {
        CohortPolicy policy = CohortPolicy.parse(experts(experts));

        assertThat(policy.learning().calibration().experts()).isEqualTo(experts);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 9})
    void parse_expertsOutOfRange_namesFieldRangeAndValue(int experts) {
        assertThatThrownBy(() -> CohortPolicy.parse(experts(experts)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("learning")
                .hasMessageContaining("calibration setting experts must be in [1, 8], is " + experts);
    }

    private static String experts(int count) {
        return "{\"learning\": {\"calibration\": {\"experts\": " + count + "}}}";
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

    @Test
    void parse_withoutCanary_hasNoCanaryPhase() {
        assertThat(CohortPolicy.parse("{\"gate\": {}}").canary()).isEmpty();
    }

    @Test
    void parse_emptyCanary_isTheDefaults() {
        assertThat(CohortPolicy.parse("{\"canary\": {}}").canary()).hasValue(CanarySettings.defaults());
    }

    @Test
    void parse_canary_takesNestedFieldsAlone() {
        CanarySettings canary = CohortPolicy.parse(
                        "{\"canary\": {\"share\": 0.2, \"health\": {\"alpha\": 0.01, \"conditions\": [\"AGREEMENT\"]}}}")
                .canary()
                .orElseThrow();

        assertThat(canary.share()).isEqualTo(0.2);
        assertThat(canary.health().alpha()).isEqualTo(0.01);
        assertThat(canary.health().beta()).isEqualTo(HealthSettings.defaults().beta());
        assertThat(canary.health().conditions()).containsExactly(HealthSettings.Condition.AGREEMENT);
    }

    @Test
    void parse_canaryOutOfRange_namesTheField() {
        assertThatThrownBy(() -> CohortPolicy.parse("{\"canary\": {\"health\": {\"beta\": 0}}}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("canary")
                .hasMessageContaining("beta");
    }

    @Test
    void canaries_areAtLeastTheNumberAndNeverAll() {
        CanarySettings canary = new CanarySettings(0.1, 2, HealthSettings.defaults());

        assertThat(canary.of(50)).isEqualTo(5);
        assertThat(canary.of(11)).isEqualTo(2);
        assertThat(canary.of(2)).isOne();
        assertThat(canary.of(1)).isZero();
    }
}
