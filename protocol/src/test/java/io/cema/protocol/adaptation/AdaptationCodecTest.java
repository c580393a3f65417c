package io.cema.protocol.adaptation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.protocol.image.ImageFeatures;
import io.cema.protocol.model.AffineCodec;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.NormKind;
import io.cema.protocol.model.NormLayer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;

class AdaptationCodecTest {
    private static final List<NormLayer> LAYERS = Adaptations.LAYERS;
    /** Where the number of experts stands. */
    private static final int COUNT = 4;

    private static final int FEATURES = COUNT + 1;
    private static final int LOOK = FEATURES + 1;
    private static final int LENGTH = LOOK + Float.BYTES * (ImageFeatures.COUNT + 1);
    private static final int AFFINE = LENGTH + Integer.BYTES;

    @Test
    void encode_single_isWhatTheAffineCodecMakesOfIt() {
        AffineParameters affine = Adaptations.affine(1);

        byte[] encoded = AdaptationCodec.encode(Adaptation.of(affine));

        assertThat(encoded).isEqualTo(AffineCodec.encode(affine));
        assertThat(AdaptationCodec.decode(encoded, LAYERS))
                .isEqualTo(Adaptation.of(AffineCodec.decode(encoded, LAYERS)));
    }

    @Property(tries = 100)
    void decode_severalExperts_haveExactLooksAndTheAffineCodecsPrecision(
            @ForAll long seed, @ForAll @IntRange(min = 2, max = 8) int experts) {
        Adaptation adaptation = Adaptations.of(experts, seed);

        Adaptation decoded = AdaptationCodec.decode(AdaptationCodec.encode(adaptation), LAYERS);

        assertThat(decoded.experts()).hasSize(experts);
        for (int i = 0; i < experts; i++) {
            Expert expert = adaptation.experts().get(i);
            assertThat(decoded.experts().get(i).look()).isEqualTo(expert.look());
            assertThat(decoded.experts().get(i).affine())
                    .isEqualTo(AffineCodec.decode(AffineCodec.encode(expert.affine()), LAYERS));
        }
    }

    @Property(tries = 100)
    void encode_whatWasDecoded_givesTheSameBytes(@ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int experts) {
        byte[] encoded = AdaptationCodec.encode(Adaptations.of(experts, seed));

        assertThat(AdaptationCodec.encode(AdaptationCodec.decode(encoded, LAYERS)))
                .isEqualTo(encoded);
    }

    @Test
    void encode_sameTwice_isDeterministic() {
        assertThat(AdaptationCodec.encode(Adaptations.of(8, 3)))
                .isEqualTo(AdaptationCodec.encode(Adaptations.of(8, 3)));
    }

    /** ResNet-20's layers; a single zero difference is 55 bytes, see AffineCodecTest. */
    @Test
    void encode_zeroDifferences_costFewBytes() {
        int[] channels = {16, 16, 16, 16, 16, 16, 16, 32, 32, 32, 32, 32, 32, 64, 64, 64, 64, 64, 64};
        List<AffineParameters.Layer> layers = new ArrayList<>();
        for (int c : channels) {
            layers.add(new AffineParameters.Layer("layer" + layers.size(), new float[c], new float[c]));
        }
        AffineParameters zeros = new AffineParameters(layers);
        List<Expert> experts = Adaptations.of(2, 1).experts().stream()
                .map(e -> new Expert(zeros, e.look()))
                .toList();

        assertThat(AdaptationCodec.encode(Adaptation.of(zeros))).hasSizeLessThanOrEqualTo(64);
        assertThat(AdaptationCodec.encode(new Adaptation(experts))).hasSizeLessThanOrEqualTo(256);
    }

    @Test
    void encode_valueNotFinite_isRefusedByPlace() {
        Adaptation adaptation = Adaptations.of(2, 1);
        adaptation.experts().get(1).affine().layers().get(0).scale()[3] = Float.NaN;

        assertThatThrownBy(() -> AdaptationCodec.encode(adaptation))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("node bn1, channel 3");
    }

    /** Agents from before there were experts know the affine codec alone. */
    @Test
    void affineCodecDecode_severalExperts_areRefusedForWhatTheyAre() {
        byte[] encoded = AdaptationCodec.encode(Adaptations.of(2, 1));

        assertThatThrownBy(() -> AffineCodec.decode(encoded, LAYERS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no affine parameters: " + encoded.length
                        + " bytes without the mark of version 1 of this codec");
    }

    @Test
    void decode_truncatedAnywhere_isRefused() {
        byte[] encoded = AdaptationCodec.encode(Adaptations.of(3, 1));
        for (int length = 0; length < encoded.length; length++) {
            assertRefused(Arrays.copyOf(encoded, length));
        }
    }

    /** Truncated by who also makes the checksum right. */
    @Test
    void decode_truncatedAnywhereWithARightChecksum_isRefused() {
        byte[] encoded = AdaptationCodec.encode(Adaptations.of(3, 1));
        for (int length = 0; length < encoded.length; length++) {
            assertRefused(sealed(Arrays.copyOf(encoded, length)));
        }
    }

    @Test
    void decode_anyBitFlipped_isRefused() {
        byte[] encoded = AdaptationCodec.encode(Adaptations.of(2, 1));
        for (int bit = 0; bit < 8 * encoded.length; bit++) {
            byte[] flipped = encoded.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertRefused(flipped);
        }
    }

    @Property(tries = 300)
    void decode_arbitraryBytesWithARightChecksum_giveNoOtherError(@ForAll byte[] body) {
        byte[] forged =
                Arrays.copyOf(AdaptationCodec.encode(Adaptations.of(2, 1)), COUNT + body.length + Integer.BYTES);
        System.arraycopy(body, 0, forged, COUNT, body.length);

        assertRefused(sealed(forged));
    }

    /** A bit flipped by who also makes the checksum right: another mixture, or refused; never another error. */
    @Property(tries = 300)
    void decode_changedByteWithARightChecksum_isRefusedOrStillAMixture(
            @ForAll @IntRange int position, @ForAll @IntRange(min = 1, max = 255) int change) {
        byte[] encoded = AdaptationCodec.encode(Adaptations.of(2, 1));
        encoded[Math.floorMod(position, encoded.length - Integer.BYTES)] ^= (byte) change;
        byte[] forged = sealed(encoded);
        try {
            assertThat(AdaptationCodec.encode(AdaptationCodec.decode(forged, LAYERS)))
                    .isEqualTo(forged);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageNotContaining("null");
        }
    }

    @Test
    void decode_countOutsideTwoToEight_isRefused() {
        byte[] encoded = AdaptationCodec.encode(Adaptations.of(2, 1));
        for (int count : new int[] {0, 1, 9, 255}) {
            encoded[COUNT] = (byte) count;

            assertRefused(sealed(encoded)).hasMessage("a mixture of " + count + " experts, 2 to 8 allowed");
        }
    }

    @Test
    void decode_countAboveWhatIsThere_isRefused() {
        byte[] encoded = AdaptationCodec.encode(Adaptations.of(2, 1));
        encoded[COUNT] = 3;

        assertRefused(sealed(encoded)).hasMessage("expert 2 ends early: needs 60 bytes, has 0");
    }

    @Test
    void decode_countBelowWhatIsThere_isRefused() {
        byte[] encoded = AdaptationCodec.encode(Adaptations.of(3, 1));
        encoded[COUNT] = 2;

        assertRefused(sealed(encoded)).hasMessageContaining("bytes too many behind 2 experts");
    }

    @Test
    void decode_bytesBehindTheLast_areRefused() {
        byte[] encoded = AdaptationCodec.encode(Adaptations.of(2, 1));

        assertRefused(sealed(Arrays.copyOf(encoded, encoded.length + 3)))
                .hasMessage("3 bytes too many behind 2 experts");
        assertRefused(Arrays.copyOf(encoded, encoded.length + 3)).hasMessageContaining("checksum");
    }

    @Test
    void decode_lengthBeyondTheEnd_isRefusedBeforeMemoryIsTaken() {
        byte[] encoded = AdaptationCodec.encode(Adaptations.of(2, 1));
        int there = encoded.length - AFFINE - Integer.BYTES;
        for (int length : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, there + 1}) {
            ByteBuffer.wrap(encoded).putInt(LENGTH, length);

            assertRefused(sealed(encoded)).hasMessage("expert 0 ends early: needs " + length + " bytes, has " + there);
        }
    }

    @Test
    void decode_lengthZero_isRefusedByExpert() {
        byte[] encoded = AdaptationCodec.encode(Adaptations.of(2, 1));
        ByteBuffer.wrap(encoded).putInt(LENGTH, 0);

        assertRefused(sealed(encoded)).hasMessageStartingWith("expert 0: no affine parameters");
    }

    @Test
    void decode_notFiniteInALook_isRefusedByExpertAndPlace() {
        byte[] encoded = AdaptationCodec.encode(Adaptations.of(2, 1));
        ByteBuffer.wrap(encoded).putFloat(LOOK + 2 * Float.BYTES, Float.NaN);
        assertRefused(sealed(encoded)).hasMessage("expert 0: weight 2 of a look's score is NaN");

        byte[] other = AdaptationCodec.encode(Adaptations.of(2, 1));
        ByteBuffer.wrap(other).putFloat(LENGTH - Float.BYTES, Float.NEGATIVE_INFINITY);
        assertRefused(sealed(other)).hasMessage("expert 0: the bias of a look's score is -Infinity");
    }

    @Test
    void decode_secondExpertCorrupt_isRefusedByExpert() {
        byte[] encoded = AdaptationCodec.encode(Adaptations.of(2, 1));
        encoded[encoded.length - Integer.BYTES - 1] ^= 1;

        assertRefused(sealed(encoded)).hasMessageStartingWith("expert 1: affine parameters are truncated or corrupted");
    }

    @Test
    void decode_otherModelsLayers_areRefused() {
        byte[] encoded = AdaptationCodec.encode(Adaptations.of(2, 1));
        NormLayer first = LAYERS.get(0);

        assertRefused(encoded, List.of(first)).hasMessageContaining("model has 1 normalisation layers");
        assertRefused(encoded, List.of(first, new NormLayer("bn2", NormKind.BATCH, 8, 1e-5, false)))
                .hasMessageContaining("node bn2 has 8 channels");
        assertRefused(encoded, List.of(first, new NormLayer("other", NormKind.BATCH, 7, 1e-5, false)))
                .hasMessageContaining("other names");
    }

    /** An expert is an affine, not again a mixture: nothing is nested. */
    @Test
    void decode_mixtureInAMixture_isRefused() {
        byte[] inner = AdaptationCodec.encode(Adaptations.of(2, 1));
        ByteBuffer nested = ByteBuffer.allocate(AFFINE + inner.length + Integer.BYTES);
        nested.put(inner, 0, LENGTH).putInt(inner.length).put(inner);

        assertRefused(sealed(nested.array())).hasMessageStartingWith("expert 0: no affine parameters");
    }

    @Test
    void decode_anotherVersion_isRefused() {
        byte[] encoded = AdaptationCodec.encode(Adaptations.of(2, 1));
        encoded[3] = 3;

        assertRefused(sealed(encoded))
                .hasMessage("experts of version 3 of this codec, known are 1 to 2; bring this program up to date");
    }

    @Test
    void decode_featuresNotKnown_areRefused() {
        byte[] encoded = AdaptationCodec.encode(Adaptations.of(2, 1));
        for (int features : new int[] {0, 11, ImageFeatures.COUNT + 1, 255}) {
            encoded[FEATURES] = (byte) features;

            assertRefused(sealed(encoded)).hasMessageContaining("chosen by " + features + " features of a look");
        }
    }

    /** The first version had twelve features and did not say so: the ones that came later count for nothing. */
    @Test
    void decode_firstVersion_doesWithoutTheLaterFeatures() {
        Adaptation adaptation = Adaptations.of(2, 1);
        int now = AdaptationCodec.encode(adaptation).length;
        ByteBuffer first = ByteBuffer.allocate(now - 1 - 2 * Float.BYTES * (ImageFeatures.COUNT - 12));
        first.put(new byte[] {'C', 'A', 'M', 1, 2});
        for (Expert expert : adaptation.experts()) {
            byte[] affine = AffineCodec.encode(expert.affine());
            for (int i = 0; i < 12; i++) {
                first.putFloat(expert.look().orElseThrow().weights()[i]);
            }
            first.putFloat(expert.look().orElseThrow().bias())
                    .putInt(affine.length)
                    .put(affine);
        }

        Adaptation decoded = AdaptationCodec.decode(sealed(first.array()), LAYERS);

        for (int i = 0; i < 2; i++) {
            LookScore look = adaptation.experts().get(i).look().orElseThrow();
            float[] weights = Arrays.copyOf(Arrays.copyOf(look.weights(), 12), ImageFeatures.COUNT);
            assertThat(decoded.experts().get(i).look()).hasValue(new LookScore(weights, look.bias()));
        }
    }

    private static AbstractThrowableAssert<?, ?> assertRefused(byte[] encoded) {
        return assertRefused(encoded, LAYERS);
    }

    private static AbstractThrowableAssert<?, ?> assertRefused(byte[] encoded, List<NormLayer> layers) {
        return assertThatThrownBy(() -> AdaptationCodec.decode(encoded, layers))
                .isExactlyInstanceOf(IllegalArgumentException.class);
    }

    /** With a right checksum in the last four bytes. */
    private static byte[] sealed(byte[] encoded) {
        byte[] sealed = encoded.clone();
        if (sealed.length >= Integer.BYTES) {
            CRC32 crc = new CRC32();
            crc.update(sealed, 0, sealed.length - Integer.BYTES);
            ByteBuffer.wrap(sealed).putInt(sealed.length - Integer.BYTES, (int) crc.getValue());
        }
        return sealed;
    }
}
