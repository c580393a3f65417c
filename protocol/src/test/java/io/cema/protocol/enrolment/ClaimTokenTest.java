package io.cema.protocol.enrolment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimTokenTest {
    private static final String FINGERPRINT = "0123456789abcdef".repeat(4);

    @Test
    void text_parses_to_what_it_was_built_from() {
        ClaimToken token = ClaimToken.create(FINGERPRINT);

        assertThat(ClaimToken.parse(token.text())).isEqualTo(token);
        assertThat(token.fingerprint()).isEqualTo(FINGERPRINT);
    }

    @Test
    void secrets_are_never_the_same() {
        assertThat(ClaimToken.create(FINGERPRINT).secretHash())
                .isNotEqualTo(ClaimToken.create(FINGERPRINT).secretHash());
    }

    @Test
    void secret_is_not_in_what_logs_would_show() {
        ClaimToken token = ClaimToken.create(FINGERPRINT);

        assertThat(token.toString()).doesNotContain(token.secret());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "secret", "secret.0123", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA."})
    void text_of_another_form_is_refused_without_repeating_it(String text) {
        assertThatThrownBy(() -> ClaimToken.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("copy it whole");
    }
}
