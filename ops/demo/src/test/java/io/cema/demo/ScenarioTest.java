package io.cema.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ScenarioTest {
    @Test
    void parse_keepsNamesAsWritten_andKnowsWhichDrift() {
        Scenario scenario = Scenario.parse("clear, night:4,fog");

        assertThat(scenario.phases()).extracting(Phase::title).containsExactly("clear", "night 4", "fog 5");
        assertThat(scenario.phases()).extracting(Phase::drifted).containsExactly(false, true, true);
    }

    @Test
    void parse_default_isClearAtBothEnds() {
        assertThat(Scenario.parse(Scenario.DEFAULT).phases())
                .hasSize(5)
                .satisfies(p -> assertThat(p.get(0).drifted()).isFalse())
                .satisfies(p -> assertThat(p.get(4).drifted()).isFalse());
    }

    @Test
    void parse_unknownName_isNamed() {
        assertThatThrownBy(() -> Scenario.parse("clear,sandstorm:3"))
                .isInstanceOf(DemoException.class)
                .hasMessageContaining("sandstorm");
    }

    @Test
    void parse_severityOutOfRange_isNamed() {
        assertThatThrownBy(() -> Scenario.parse("fog:6"))
                .isInstanceOf(DemoException.class)
                .hasMessageContaining("fog:6")
                .hasMessageContaining("1 to 5");
    }

    @Test
    void parse_emptyPhase_isRefused() {
        assertThatThrownBy(() -> Scenario.parse("fog:5,")).isInstanceOf(DemoException.class);
    }
}
