package io.cema.cloud.fleet.label;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.http.ProblemException;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class LabelSelectorPropertyTest {
    @Property
    void toString_parsesToTheSame(@ForAll("selectors") String text) {
        LabelSelector selector = LabelSelector.parse(text);

        assertThat(LabelSelector.parse(selector.toString())).isEqualTo(selector);
    }

    @Property
    void parse_anyText_parsesOrIsAProblem(@ForAll String text) {
        try {
            assertThat(LabelSelector.parse(text)).isNotNull();
        } catch (ProblemException e) {
            assertThat(e.status()).isEqualTo(400);
        }
    }

    @Provide
    Arbitrary<String> selectors() {
        Arbitrary<String> keys =
                Arbitraries.strings().withChars("abz09._/-").ofMinLength(1).ofMaxLength(8);
        Arbitrary<String> values = Arbitraries.strings()
                .withChars("aZ9 ,()!=\"\\'é")
                .ofMaxLength(10)
                .map(SelectorParser::quoted);
        Arbitrary<String> requirement = Arbitraries.oneOf(
                keys,
                keys.map(key -> "!" + key),
                Combinators.combine(keys, Arbitraries.of("=", "==", "!="), values)
                        .as((k, op, v) -> k + op + v),
                Combinators.combine(
                                keys,
                                Arbitraries.of(" in ", " notin "),
                                values.list().ofMinSize(1).ofMaxSize(4))
                        .as((k, op, v) -> k + op + "(" + String.join(",", v) + ")"));
        return requirement.list().ofMinSize(1).ofMaxSize(5).map(all -> String.join(",", all));
    }
}
