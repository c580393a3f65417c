package io.cema.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.protocol.model.AffineParameters.Layer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AffineCodecTest {
    /** ResNet-20: 19 batch normalisations, 7 of 16, 6 of 32 and 6 of 64 channels, 688 in all. */
    private static final List<NormLayer> RESNET20 =
            layers(16, 16, 16, 16, 16, 16, 16, 32, 32, 32, 32, 32, 32, 64, 64, 64, 64, 64, 64);

    @Property(tries = 300)
    void error_is_at_most_a_4095th_of_the_blocks_greatest_magnitude(@ForAll("parameters") AffineParameters parameters) {
        List<NormLayer> layers = layersOf(parameters);
        AffineParameters decoded = AffineCodec.decode(AffineCodec.encode(parameters), layers);
        for (int i = 0; i < layers.size(); i++) {
            assertClose(
                    parameters.layers().get(i).scale(), decoded.layers().get(i).scale());
            assertClose(
                    parameters.layers().get(i).shift(), decoded.layers().get(i).shift());
        }
    }

    @Property(tries = 300)
    void what_was_decoded_encodes_without_loss(@ForAll("parameters") AffineParameters parameters) {
        List<NormLayer> layers = layersOf(parameters);
        AffineParameters once = AffineCodec.decode(AffineCodec.encode(parameters), layers);
        AffineParameters twice = AffineCodec.decode(AffineCodec.encode(once), layers);
        assertThat(twice).isEqualTo(once);
    }

    @Property(tries = 300)
    void truncated_bytes_are_refused(@ForAll("parameters") AffineParameters parameters, @ForAll @IntRange int cut) {
        byte[] encoded = AffineCodec.encode(parameters);
        byte[] truncated = Arrays.copyOf(encoded, Math.floorMod(cut, encoded.length));
        assertThatThrownBy(() -> AffineCodec.decode(truncated, layersOf(parameters)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Property(tries = 300)
    void changed_byte_is_refused(
            @ForAll("parameters") AffineParameters parameters,
            @ForAll @IntRange int position,
            @ForAll @IntRange(min = 1, max = 255) int change) {
        byte[] encoded = AffineCodec.encode(parameters);
        encoded[Math.floorMod(position, encoded.length)] ^= (byte) change;
        assertThatThrownBy(() -> AffineCodec.decode(encoded, layersOf(parameters)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Property(tries = 300)
    void arbitrary_bytes_with_a_right_checksum_give_no_other_error(
            @ForAll byte[] body, @ForAll @IntRange(max = 300) int claimed) {
        ByteBuffer forged = ByteBuffer.allocate(17 + body.length);
        forged.put(AffineCodec.encode(realistic(1)), 0, 9).putInt(claimed).put(body);
        CRC32 crc = new CRC32();
        crc.update(forged.array(), 0, forged.position());
        forged.putInt((int) crc.getValue());
        assertThatThrownBy(() -> AffineCodec.decode(forged.array(), RESNET20))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void encoding_is_deterministic() {
        assertThat(AffineCodec.encode(realistic(1))).isEqualTo(AffineCodec.encode(realistic(1)));
    }

    /**
     * Measured: 2,259 bytes, against 5,504 as raw float32 pairs and 2,752 as raw half precision. Of it 1,376 are the low
     * bytes, which are noise; the rest are header, steps and the high bytes, which zstd halves.
     */
    @Test
    void realistic_update_of_resnet20_is_well_below_raw_half_precision() {
        assertThat(AffineCodec.encode(realistic(7))).hasSizeLessThanOrEqualTo(2300);
    }

    /** Measured: 55 bytes: header and checksum 17, the rest what zstd makes of channel counts and empty blocks. */
    @Test
    void all_zero_update_of_resnet20_is_a_few_dozen_bytes() {
        assertThat(AffineCodec.encode(zeros(RESNET20))).hasSizeLessThanOrEqualTo(64);
    }

    @Test
    void all_zero_update_comes_back() {
        assertThat(AffineCodec.decode(AffineCodec.encode(zeros(RESNET20)), RESNET20))
                .isEqualTo(zeros(RESNET20));
    }

    @Test
    void other_channel_count_is_named() {
        List<NormLayer> wider = layers(16, 32);
        byte[] encoded = AffineCodec.encode(zeros(layers(16, 16)));
        assertThatThrownBy(() -> AffineCodec.decode(encoded, wider))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("node layer1 has 32 channels, affine parameters carry 16");
    }

    @Test
    void other_layer_count_is_named() {
        byte[] encoded = AffineCodec.encode(zeros(layers(16, 16)));
        assertThatThrownBy(() -> AffineCodec.decode(encoded, layers(16)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model has 1 normalisation layers, affine parameters carry 2");
    }

    @Test
    void other_layer_names_are_refused() {
        byte[] encoded = AffineCodec.encode(zeros(layers(16)));
        List<NormLayer> renamed = List.of(new NormLayer("other", NormKind.BATCH, 16, 1e-5, false));
        assertThatThrownBy(() -> AffineCodec.decode(encoded, renamed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("other names");
    }

    @Test
    void value_that_is_not_finite_is_refused_by_place() {
        AffineParameters bad =
                new AffineParameters(List.of(new Layer("bn1", new float[] {0, Float.NaN}, new float[] {0, 0})));
        assertThatThrownBy(() -> AffineCodec.encode(bad))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("node bn1, channel 1");
    }

    @Test
    void magnitude_beyond_the_codec_is_refused() {
        AffineParameters bad =
                new AffineParameters(List.of(new Layer("bn1", new float[] {Float.MAX_VALUE}, new float[] {0})));
        assertThatThrownBy(() -> AffineCodec.encode(bad)).hasMessageContaining("node bn1");
    }

    @Test
    void greatest_magnitude_survives() {
        AffineParameters extreme = new AffineParameters(List.of(new Layer(
                "layer0", new float[] {AffineCodec.MAX_MAGNITUDE}, new float[] {-AffineCodec.MAX_MAGNITUDE})));
        assertThat(AffineCodec.decode(AffineCodec.encode(extreme), layers(1))).isEqualTo(extreme);
    }

    @Test
    void absolute_values_are_not_taken_for_a_difference() {
        byte[] absolute = AffineCodec.encodeAbsolute(zeros(RESNET20));
        assertThatThrownBy(() -> AffineCodec.decode(absolute, RESNET20))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("are absolute, expected a difference");
    }

    @Test
    void absolute_values_come_back() {
        AffineParameters once = AffineCodec.decodeAbsolute(AffineCodec.encodeAbsolute(realistic(3)), RESNET20);
        assertThat(AffineCodec.decodeAbsolute(AffineCodec.encodeAbsolute(once), RESNET20))
                .isEqualTo(once);
    }

    @Test
    void claim_of_a_huge_body_is_refused_before_memory_is_taken() {
        byte[] encoded = AffineCodec.encode(zeros(RESNET20));
        ByteBuffer bomb = ByteBuffer.wrap(encoded).putInt(9, Integer.MAX_VALUE);
        CRC32 crc = new CRC32();
        crc.update(encoded, 0, encoded.length - 4);
        bomb.putInt(encoded.length - 4, (int) crc.getValue());
        assertThatThrownBy(() -> AffineCodec.decode(encoded, RESNET20))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("claim 2147483647 bytes");
    }

    @Provide
    Arbitrary<AffineParameters> parameters() {
        Arbitrary<Float> value = Arbitraries.oneOf(
                Arbitraries.floats().between(-2f, 2f),
                Arbitraries.floats().between(-AffineCodec.MAX_MAGNITUDE, AffineCodec.MAX_MAGNITUDE),
                Arbitraries.of(0f, -0f, Float.MIN_VALUE, -Float.MIN_VALUE, Float.MIN_NORMAL, 1e-30f, 1f));
        Arbitrary<float[]> pair = value.array(float[].class).ofMinSize(1).ofMaxSize(20);
        return pair.list().ofMinSize(1).ofMaxSize(5).map(blocks -> {
            List<Layer> layers = new ArrayList<>();
            for (float[] block : blocks) {
                float[] reversed = new float[block.length];
                for (int c = 0; c < block.length; c++) {
                    reversed[c] = block[block.length - 1 - c] / 3;
                }
                layers.add(new Layer("layer" + layers.size(), block, reversed));
            }
            return new AffineParameters(layers);
        });
    }

    private static AffineParameters realistic(long seed) {
        return RandomAffines.realistic(RESNET20, seed);
    }

    private static void assertClose(float[] expected, float[] actual) {
        double greatest = 0;
        for (float value : expected) {
            greatest = Math.max(greatest, Math.abs(value));
        }
        // Half of the finest step there is, for blocks of values near the least float.
        double tolerance = Math.max(greatest / 4095, 0x1p-127);
        for (int c = 0; c < expected.length; c++) {
            assertThat(Math.abs((double) expected[c] - actual[c])).isLessThanOrEqualTo(tolerance);
        }
    }

    private static AffineParameters zeros(List<NormLayer> layers) {
        return new AffineParameters(layers.stream()
                .map(l -> new Layer(l.name(), new float[l.channels()], new float[l.channels()]))
                .toList());
    }

    private static List<NormLayer> layersOf(AffineParameters parameters) {
        return parameters.layers().stream()
                .map(l -> new NormLayer(l.name(), NormKind.BATCH, l.scale().length, 1e-5, false))
                .toList();
    }

    private static List<NormLayer> layers(int... channels) {
        List<NormLayer> layers = new ArrayList<>();
        for (int c : channels) {
            layers.add(new NormLayer("layer" + layers.size(), NormKind.BATCH, c, 1e-5, false));
        }
        return layers;
    }
}
