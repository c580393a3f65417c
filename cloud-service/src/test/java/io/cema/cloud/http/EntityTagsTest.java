package io.cema.cloud.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntityTagsTest {
    @ParameterizedTest
    @ValueSource(strings = {"\"7\"", "*", "\"3\", \"7\"", "\"7.00ff00ff00ff00ff\""})
    void requireMatch_sameVersion_passes(String header) {
        assertThatCode(() -> EntityTags.requireMatch(Optional.of(header), 7)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"8\"", "7", "\"77\"", "\"77.00\"", "W/\"7\"", ""})
    void requireMatch_anotherVersion_isStale(String header) {
        assertThatThrownBy(() -> EntityTags.requireMatch(Optional.of(header), 7))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.status()).isEqualTo(412));
    }

    @Test
    void tagOfARepresentation_isAcceptedForItsVersion() {
        String tag = '"' + EntityTags.of(7, new byte[] {1}).getValue() + '"';

        assertThatCode(() -> EntityTags.requireMatch(Optional.of(tag), 7)).doesNotThrowAnyException();
    }
}
