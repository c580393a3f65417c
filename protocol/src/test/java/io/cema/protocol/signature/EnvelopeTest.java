package io.cema.protocol.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.cema.protocol.message.AffineUpdate;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.Envelope;
import io.cema.protocol.message.SamplePart;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class EnvelopeTest {
    private static final String TOPIC = "cema/v1/t/c/east/0123456789abcdef/stable/update";
    private static final SigningKey KEY = SigningKey.generate();
    private static final TrustedKeys TRUSTED = TrustedKeys.of(KEY.publicKey());
    private static final AffineUpdate UPDATE =
            AffineUpdate.newBuilder().setVersion("01J").setCohort("east").build();

    @Test
    void signed_message_opens_on_its_topic() {
        assertThat(open(TOPIC, sealed().toByteArray())).isEqualTo(UPDATE);
    }

    @Test
    void message_replayed_on_another_topic_is_refused() {
        refused(TOPIC.replace("east", "west"), sealed(), "another topic");
    }

    @Test
    void unsigned_message_is_refused() {
        refused(TOPIC, EnvelopeSealer.unsigned(UPDATE, 1), "not signed");
    }

    @Test
    void key_that_is_not_trusted_is_refused() {
        SigningKey stranger = SigningKey.generate();
        refused(
                TOPIC,
                EnvelopeSealer.sign(TOPIC, UPDATE, stranger.id(), stranger.privateKey(), 1),
                stranger.id() + "\", which is not trusted");
    }

    @Test
    void stranger_under_a_trusted_id_is_refused() {
        refused(
                TOPIC,
                EnvelopeSealer.sign(
                        TOPIC, UPDATE, KEY.id(), SigningKey.generate().privateKey(), 1),
                "is wrong");
    }

    @Test
    void changed_type_is_refused() {
        refused(TOPIC, sealed().toBuilder().setType("cema.v1.DesiredState").build(), "is wrong");
    }

    @Test
    void changed_time_is_refused() {
        refused(TOPIC, sealed().toBuilder().setCreatedMs(2).build(), "is wrong");
    }

    @Test
    void signature_of_another_length_is_refused() {
        refused(
                TOPIC,
                sealed().toBuilder()
                        .setSignature(ByteString.copyFromUtf8("short"))
                        .build(),
                "signature");
    }

    @Test
    void signed_message_of_another_type_is_refused() {
        Envelope envelope = EnvelopeSealer.sign(
                TOPIC, DesiredState.newBuilder().setVersion(1).build(), KEY.id(), KEY.privateKey(), 1);
        refused(TOPIC, envelope, "holds cema.v1.DesiredState, expected cema.v1.AffineUpdate");
    }

    @Property(tries = 200)
    void no_single_changed_byte_opens_as_something_else(
            @ForAll @IntRange(max = 10_000) int position, @ForAll @IntRange(min = 1, max = 255) int change) {
        byte[] bytes = sealed().toByteArray();
        bytes[position % bytes.length] ^= (byte) change;
        try {
            assertThat(open(TOPIC, bytes)).isEqualTo(UPDATE);
        } catch (EnvelopeException expected) {
            assertThat(expected).hasMessageNotContaining("null");
        }
    }

    @Test
    void unsigned_message_opens_where_the_session_vouches() {
        byte[] bytes = EnvelopeSealer.unsigned(UPDATE, 1).toByteArray();
        assertThat(EnvelopeOpener.openUnsigned(bytes, AffineUpdate.getDefaultInstance()))
                .isEqualTo(UPDATE);
    }

    @Test
    void payload_that_is_no_envelope_is_refused() {
        assertThatThrownBy(() ->
                        EnvelopeOpener.openUnsigned("{\"json\": true}".getBytes(), SamplePart.getDefaultInstance()))
                .isInstanceOf(EnvelopeException.class);
    }

    @Test
    void empty_payload_is_refused() {
        assertThatThrownBy(() -> EnvelopeOpener.openUnsigned(new byte[0], SamplePart.getDefaultInstance()))
                .isInstanceOf(EnvelopeException.class)
                .hasMessageContaining("empty");
    }

    @Test
    void oversized_payload_is_refused_before_it_is_parsed() {
        assertThatThrownBy(() -> EnvelopeOpener.openUnsigned(
                        new byte[EnvelopeOpener.MAX_BYTES + 1], SamplePart.getDefaultInstance()))
                .isInstanceOf(EnvelopeException.class)
                .hasMessageContaining("larger than");
    }

    @Test
    void message_that_receivers_would_refuse_is_not_sealed() {
        SamplePart part = SamplePart.newBuilder()
                .setData(ByteString.copyFrom(new byte[EnvelopeOpener.MAX_BYTES]))
                .build();
        assertThatThrownBy(() -> EnvelopeSealer.unsigned(part, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("send it in parts");
    }

    private static Envelope sealed() {
        return EnvelopeSealer.sign(TOPIC, UPDATE, KEY.id(), KEY.privateKey(), 1);
    }

    private static AffineUpdate open(String topic, byte[] bytes) {
        return EnvelopeOpener.openSigned(topic, bytes, AffineUpdate.getDefaultInstance(), TRUSTED);
    }

    private static void refused(String topic, Envelope envelope, String reason) {
        assertThatThrownBy(() -> open(topic, envelope.toByteArray()))
                .isInstanceOf(EnvelopeException.class)
                .hasMessageContaining(reason);
    }
}
