package io.cema.protocol.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.cema.protocol.topic.Topics.DeviceTopic;
import io.cema.protocol.topic.Topics.UpdateTopic;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.NumericChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicsTest {
    private static final String DIGEST = "0123456789abcdef".repeat(4);

    @Test
    void device_topic_is_as_the_contract_writes_it() {
        assertThat(Topics.device("default", "cam-1", DeviceLeaf.SAMPLES)).isEqualTo("cema/v1/default/d/cam-1/samples");
    }

    @Test
    void update_topic_carries_the_first_16_digits_of_the_digest() {
        assertThat(Topics.update("default", "east", DIGEST, "stable"))
                .isEqualTo("cema/v1/default/c/east/0123456789abcdef/stable/update")
                .isEqualTo(Topics.update("default", "east", "0123456789abcdef", "stable"));
    }

    @Test
    void shared_filter_names_its_group() {
        assertThat(Topics.shared("ingest", Topics.allDevices("default", DeviceLeaf.SAMPLES)))
                .isEqualTo("$share/ingest/cema/v1/default/d/+/samples");
    }

    @Test
    void shared_filter_is_not_shared_twice() {
        assertThatThrownBy(() -> Topics.shared("a", Topics.shared("a", "x"))).hasMessageContaining("shared already");
    }

    @Property(tries = 200)
    void device_topic_parses_to_what_it_was_built_from(
            @ForAll @AlphaChars @NumericChars @Chars({'_', '-'}) @StringLength(min = 1, max = 30) String tenant,
            @ForAll @AlphaChars @NumericChars @Chars({'_', '-'}) @StringLength(min = 1, max = 30) String device,
            @ForAll DeviceLeaf leaf) {
        assertThat(Topics.parse(Topics.device(tenant, device, leaf))).isEqualTo(new DeviceTopic(tenant, device, leaf));
    }

    @Test
    void update_topic_parses_to_what_it_was_built_from() {
        assertThat(Topics.parse(Topics.update("t", "east", DIGEST, "canary")))
                .isEqualTo(new UpdateTopic("t", "east", DIGEST.substring(0, 16), "canary"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "+", "#", "a/b", "a b", "ä", "0123456789012345678901234567890", "a\n"})
    void id_outside_the_grammar_is_refused_by_name(String id) {
        assertThatThrownBy(() -> Topics.device("default", id, DeviceLeaf.ACK))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("device \"" + id + "\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "cema/v1/t",
                "cema/v2/t/d/x/samples",
                "cema/v1/t/d/x/unknown",
                "cema/v1/t/d/x/SAMPLES",
                "cema/v1/t/d/x/samples/",
                "cema/v1/t/d//samples",
                "cema/v1/t/x/x/samples",
                "cema/v1/t/c/east/0123456789abcdeg/stable/update",
                "cema/v1/t/c/east/0123456789abcdef/stable/other",
                "/cema/v1/t/d/x/samples"
            })
    void topic_outside_the_grammar_is_refused(String topic) {
        assertThatThrownBy(() -> Topics.parse(topic)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void model_that_is_no_digest_is_refused() {
        assertThatThrownBy(() -> Topics.update("t", "east", "resnet20", "stable"))
                .hasMessageContaining("resnet20");
    }
}
