package io.cema.cloud.fleet.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.cloud.http.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabelSelectorTest {
    private static final Map<String, String> LABELS = Map.of("site", "north", "floor", "2", "gpu", "", "zone", "a b");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "site=north",
                "site==north",
                " site = north , floor = 2 ",
                "gpu",
                "gpu=",
                "!old",
                "! old",
                "floor!=3",
                "old!=1",
                "site in (south, north)",
                "site notin (south,west)",
                "old notin (1)",
                "zone=\"a b\"",
                "zone in (\"a b\", c)",
                "site=north,floor!=3,gpu,!old"
            })
    void matches_labelsThatHaveAllOfIt(String selector) {
        assertThat(LabelSelector.parse(selector).matches(LABELS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "site=south",
                "old",
                "!gpu",
                "floor!=2",
                "old=1",
                "site in (south,west)",
                "site notin (north)",
                "old in (1)",
                "site=north,old"
            })
    void matches_labelsThatLackSomeOfIt_not(String selector) {
        assertThat(LabelSelector.parse(selector).matches(LABELS)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                | at character 1: expected a key",
                "site=north,,x     | at character 12: expected a key",
                "site=north,       | at character 12: expected a key",
                "Site=north        | at character 1: expected a key",
                "site north        | at character 6: expected '='",
                "site in north     | at character 9: expected '('",
                "site in (a,b      | at character 13: expected ',' or ')'",
                "site=\"north      | expected '\"'",
                "site=north)       | at character 11: expected ',' or the end",
                "site=a=b          | at character 7: expected ',' or the end",
                "=x                | at character 1: expected a key",
                "!                 | at character 2: expected a key"
            })
    void parse_wrongSelector_namesThePlace(String selector, String place) {
        assertThatThrownBy(() -> LabelSelector.parse(selector))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining(place);
    }

    @Test
    void parse_valueTooLong_isRefused() {
        assertThatThrownBy(() -> LabelSelector.parse("site=" + "x".repeat(64)))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("at character 6");
    }

    @Test
    void parse_selectorTooLong_isRefused() {
        assertThatThrownBy(() -> LabelSelector.parse("site=x,".repeat(200))).isInstanceOf(ProblemException.class);
    }

    @Test
    void sql_hasNothingOfTheSelectorInItsText() {
        List<Object> values = new ArrayList<>();

        String sql = LabelSelector.parse("site=\"'; drop table device; --\",!old")
                .sql("d", value -> {
                    values.add(value);
                    return "$" + values.size();
                });

        assertThat(sql).doesNotContain("drop", "site", "old").contains("$1", "$2", "$3");
        assertThat(values).hasSize(3).contains("site", "old");
    }
}
