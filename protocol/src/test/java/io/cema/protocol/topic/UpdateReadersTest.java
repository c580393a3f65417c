package io.cema.protocol.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpdateReadersTest {
    private static final Principal.Device FIRST = new Principal.Device("acme", "cam-1");
    private static final Principal.Device SECOND = new Principal.Device("acme", "cam-2");
    private static final String EAST = Topics.update("acme", "east", "0123456789abcdef", "stable");
    private static final String WEST = Topics.update("acme", "west", "fedcba9876543210", "canary");

    @Test
    void text_is_what_mosquitto_reads() {
        UpdateReaders readers = UpdateReaders.of(Map.of(SECOND, Set.of(EAST), FIRST, Set.of(WEST, EAST)));

        assertThat(readers.text())
                .isEqualTo("user acme/d/cam-1\ntopic read " + EAST + "\ntopic read " + WEST
                        + "\nuser acme/d/cam-2\ntopic read " + EAST + "\n");
    }

    @Test
    void text_parses_to_what_it_was_made_of() {
        UpdateReaders readers = UpdateReaders.of(Map.of(FIRST, Set.of(EAST), SECOND, Set.of(WEST)));

        UpdateReaders read = UpdateReaders.parse("# a comment\n\n" + readers.text());

        assertThat(read.text()).isEqualTo(readers.text());
        assertThat(read.devices()).isEqualTo(2);
        assertThat(read.mayRead(FIRST, EAST)).isTrue();
        assertThat(read.mayRead(FIRST, WEST)).isFalse();
        assertThat(read.mayRead(SECOND, EAST)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "topic read cema/v1/acme/c/east/0123456789abcdef/stable/update",
                "user acme/d/cam-1\npattern read cema/v1/%u/desired",
                "user acme/d/cam-1\ntopic cema/v1/acme/c/east/0123456789abcdef/stable/update",
                "user acme/d/cam-1\ntopic read #",
                "user acme/d/cam-1\ntopic read cema/v1/acme/c/+/+/+/update",
                "user acme/d/cam-1\ntopic read cema/v1/acme/d/cam-2/desired",
                "user acme/d/cam-1\ntopic read cema/v1/other/c/east/0123456789abcdef/stable/update",
                "user acme/s/cloud\n",
                "user acme/d/\n"
            })
    void text_that_says_anything_else_is_refused_whole(String text) {
        assertThatThrownBy(() -> UpdateReaders.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
