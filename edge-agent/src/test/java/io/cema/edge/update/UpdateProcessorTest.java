package io.cema.edge.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.cema.edge.TestModels;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.selection.Domain;
import io.cema.edge.update.UpdateResult.Applied;
import io.cema.edge.update.UpdateResult.Ignored;
import io.cema.edge.update.UpdateResult.Rejected;
import io.cema.edge.update.UpdateResult.RolledBack;
import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.adaptation.AdaptationCodec;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.AffineUpdate;
import io.cema.protocol.message.Envelope;
import io.cema.protocol.message.Revision;
import io.cema.protocol.model.AffineCodec;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.signature.SigningKey;
import io.cema.protocol.topic.Topics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpdateProcessorTest {
    private static final String FIRST = "01J00000000000000000000001";
    private static final String SECOND = "01J00000000000000000000002";

    @TempDir
    Path data;

    private UpdateFixture fixture;
    private UpdateProcessor processor;

    @BeforeEach
    void start() throws IOException {
        fixture = new UpdateFixture(data);
        processor = fixture.start();
    }

    @Test
    void start_nothingAccepted_baseModelIsInUse() {
        assertThat(fixture.versionInUse()).isEmpty();
    }

    @Test
    void process_goodUpdate_isInForceWithTheLogitsOfTheUnfoldedModel() {
        AffineUpdate.Builder update = fixture.update(FIRST, 1);

        assertThat(process(update)).isInstanceOf(Applied.class);

        AffineParameters decoded = AffineCodec.decode(update.getAffine().toByteArray(), fixture.manifest.layers());
        byte[] unfolded = fixture.folder.replace(fixture.folder.base().plus(decoded));
        float[] input = TestModels.randomInput(2, 3 * 64, 5);
        try (InferenceEngine reference = fixture.engines.open(unfolded)) {
            float[] want = reference.logits(input, 2);
            float[] have = fixture.logits(input, 2);
            for (int i = 0; i < want.length; i++) {
                assertThat(have[i]).isCloseTo(want[i], within(1e-4f));
            }
        }
        assertThat(fixture.versionInUse()).isEqualTo(FIRST);
    }

    @Test
    void process_unsigned_isRefused() {
        byte[] unsigned =
                EnvelopeSealer.unsigned(fixture.update(FIRST, 1).build(), 1).toByteArray();

        assertRefused(processor.process(fixture.topic, unsigned), "");
    }

    @Test
    void process_signedByAStranger_isRefused() {
        SigningKey stranger = SigningKey.generate();
        byte[] signed = EnvelopeSealer.sign(
                        fixture.topic, fixture.update(FIRST, 1).build(), stranger.id(), stranger.privateKey(), 1)
                .toByteArray();

        assertRefused(processor.process(fixture.topic, signed), "");
    }

    @Test
    void process_tampered_isRefused() throws IOException {
        Envelope envelope = Envelope.parseFrom(fixture.signed(fixture.update(FIRST, 1)));
        AffineUpdate changed = fixture.update(SECOND, 9).build();

        byte[] tampered =
                envelope.toBuilder().setPayload(changed.toByteString()).build().toByteArray();

        assertRefused(processor.process(fixture.topic, tampered), "");
    }

    @Test
    void process_garbage_isRefused() {
        assertRefused(processor.process(fixture.topic, new byte[] {1, 2, 3}), "");
    }

    @Test
    void process_replayedOnAnotherTopic_isRefused() {
        String other = Topics.update(UpdateFixture.TENANT, "other", fixture.manifest.digest(), "stable");

        assertRefused(processor.process(other, fixture.signed(fixture.update(FIRST, 1))), "");
    }

    @Test
    void process_signedForAnotherTopic_isRefused() {
        String other = Topics.update(UpdateFixture.TENANT, "other", fixture.manifest.digest(), "stable");

        assertRefused(processor.process(other, fixture.signed(other, fixture.update(FIRST, 1))), "topic");
    }

    @Test
    void process_anotherTenant_isRefused() throws IOException {
        String foreign = Topics.update("other", UpdateFixture.COHORT, fixture.manifest.digest(), "stable");
        byte[] update = fixture.signed(foreign, fixture.update("u", 1));

        assertRefused(processor.process(foreign, update), "this slot listens to");
        assertRefused(fixture.start().process(fixture.topic, update), "signature");
    }

    @Test
    void process_hundredTogether_appliesTheNewestAlone() {
        List<byte[]> together = new ArrayList<>();
        for (int revision = 1; revision <= 100; revision++) {
            together.add(fixture.signed(fixture.update("u" + revision, revision)));
        }
        Collections.shuffle(together, new Random(3));

        List<UpdateResult> results = processor.process(fixture.topic, together);

        assertThat(results)
                .filteredOn(Applied.class::isInstance)
                .singleElement()
                .satisfies(r -> assertThat(((Applied) r).version()).isEqualTo("u100"));
        assertThat(results).filteredOn(Ignored.class::isInstance).hasSize(99);
    }

    @Test
    void process_replayedAmongNewOnes_isRefusedAndTheNewOneApplied() {
        processor.process(fixture.topic, fixture.signed(fixture.update(FIRST, 5)));

        List<UpdateResult> results = processor.process(
                fixture.topic,
                List.of(fixture.signed(fixture.update(SECOND, 6)), fixture.signed(fixture.update("u4", 4))));

        assertThat(results.get(0)).isInstanceOf(Applied.class);
        assertThat(results.get(1)).isInstanceOf(Rejected.class);
        assertThat(fixture.versionInUse()).isEqualTo(SECOND);
    }

    @Test
    void process_anotherModelsDigest_isRefused() {
        String digest = "f".repeat(64);

        assertRefused(process(fixture.update(FIRST, 1).setModelDigest(digest)), digest);
    }

    @Test
    void process_anotherCohort_isRefused() {
        assertRefused(process(fixture.update(FIRST, 1).setCohort("fog-west")), "fog-west");
    }

    @Test
    void process_anotherChannel_isRefused() {
        assertRefused(process(fixture.update(FIRST, 1).setChannel("canary")), "canary");
    }

    @Test
    void process_revisionNotAboveTheLast_isRefused() {
        process(fixture.update(FIRST, 5));

        assertThat(process(fixture.update(SECOND, 5))).isInstanceOf(Rejected.class);
        assertThat(process(fixture.update(SECOND, 4))).isInstanceOf(Rejected.class);
        assertThat(fixture.versionInUse()).isEqualTo(FIRST);
    }

    @Test
    void process_higherEpochLowerRevision_isApplied() {
        process(fixture.update(FIRST, 5));

        UpdateResult result = process(fixture.update(SECOND, 1)
                .setRevision(Revision.newBuilder().setEpoch(1).setRevision(1)));

        assertThat(result).isInstanceOf(Applied.class);
    }

    @Test
    void process_atTheFloor_isRefused() throws IOException {
        processor = fixture.withFloor(7).start();

        assertRefused(process(fixture.update(FIRST, 7)), "floor");
    }

    @Test
    void process_sameMessageAgain_isPassedOver() {
        byte[] message = fixture.signed(fixture.update(FIRST, 1));
        processor.process(fixture.topic, message);

        assertThat(processor.process(fixture.topic, message)).isInstanceOf(Ignored.class);
    }

    @Test
    void process_refusedMessageAgain_isPassedOver() {
        processor.process(fixture.topic, new byte[] {1, 2, 3});

        assertThat(processor.process(fixture.topic, new byte[] {1, 2, 3})).isInstanceOf(Ignored.class);
    }

    @Test
    void process_misshapen_isRefused() {
        AffineParameters other = new AffineFolder(TestModels.gemm()).base();

        assertRefused(
                process(fixture.update(FIRST, 1).setAffine(ByteString.copyFrom(AffineCodec.encode(other)))), FIRST);
    }

    @Test
    void process_affineIsNoise_isRefused() {
        assertRefused(process(fixture.update(FIRST, 1).setAffine(ByteString.copyFrom(new byte[] {7, 7, 7, 7}))), FIRST);
    }

    @Test
    void process_logitsOverflow_isRefused() {
        AffineParameters huge = difference(AffineCodec.MAX_MAGNITUDE / 2, 0);

        assertRefused(process(fixture.update(FIRST, 1, huge)), "logit");
    }

    @Test
    void process_classCollapse_isRefused() throws IOException {
        fixture.fillShadow();
        processor = fixture.withGuard(new GuardSettings(32, 10, 0.8, 0.3, 64)).start();
        // All scales to nothing: every image gives the same logits.
        AffineParameters collapsed = minusBase();

        assertRefused(process(fixture.update(FIRST, 1, collapsed)), "collapse");
    }

    @Test
    void process_entropyJump_isRefused() throws IOException {
        fixture.fillShadow();
        processor = fixture.withGuard(new GuardSettings(32, 0.001, 1, 1, 64)).start();

        assertRefused(process(fixture.update(FIRST, 1, minusBase())), "entropy");
    }

    @Test
    void process_activationScales_areRefused() {
        assertRefused(process(fixture.update(FIRST, 1).putActivationScales("x", 1f)), "quantised");
    }

    @Test
    void start_afterAnUpdate_takesItUpAgain() throws IOException {
        process(fixture.update(FIRST, 1));
        float[] input = TestModels.randomInput(1, 3 * 64, 5);
        float[] before = fixture.logits(input, 1);
        fixture.holder.clear();

        fixture.start();

        assertThat(fixture.versionInUse()).isEqualTo(FIRST);
        assertThat(fixture.logits(input, 1)).containsExactly(before);
    }

    @Test
    void start_floorAboveTheAccepted_goesBackToTheBaseModel() throws IOException {
        process(fixture.update(FIRST, 1));

        fixture.withFloor(1).start();

        assertThat(fixture.versionInUse()).isEmpty();
    }

    @Test
    void start_acceptedFileDamaged_goesBackToThePrevious() throws IOException {
        process(fixture.update(FIRST, 1));
        process(fixture.update(SECOND, 2));
        Path newest = data.resolve("0-2.update");
        byte[] bytes = Files.readAllBytes(newest);
        bytes[bytes.length / 2] ^= 1;
        Files.write(newest, bytes);

        fixture.start();

        assertThat(fixture.versionInUse()).isEqualTo(FIRST);
    }

    @Test
    void start_stateDamaged_goesOnFromItsCopy() throws IOException {
        process(fixture.update(FIRST, 1));
        process(fixture.update(SECOND, 2));
        Files.writeString(data.resolve("state.json"), "{\"epoch\": 0, \"rev");

        processor = fixture.start();

        assertThat(fixture.versionInUse()).isEqualTo(SECOND);
        assertThat(process(fixture.update(FIRST, 2))).isInstanceOf(Rejected.class);
    }

    @Test
    void start_stateDamagedAndSoItsCopy_isMadeAnewFromTheMessages() throws IOException {
        process(fixture.update(FIRST, 1));
        process(fixture.update(SECOND, 2));
        Files.write(data.resolve("state.json"), new byte[0]);
        Files.write(data.resolve("state.json.copy"), new byte[0]);

        processor = fixture.start();

        assertThat(fixture.versionInUse()).isEqualTo(SECOND);
        assertThat(process(fixture.update(FIRST, 2))).isInstanceOf(Rejected.class);
        assertThat(processor.rollBack("operator")).isPresent();
        assertThat(fixture.versionInUse()).isEqualTo(FIRST);
    }

    @Test
    void start_everythingDamaged_isTheBaseModelAndTakesTheNextUpdate() throws IOException {
        process(fixture.update(FIRST, 1));
        for (String file : List.of("state.json", "state.json.copy", "0-1.update")) {
            Files.write(data.resolve(file), new byte[] {1, 2, 3});
        }

        processor = fixture.start();

        assertThat(fixture.versionInUse()).isEmpty();
        assertThat(process(fixture.update(SECOND, 2))).isInstanceOf(Applied.class);
    }

    @Test
    void process_diskTakesNothing_isDeferredAndAppliedWhenItDoes() throws IOException {
        process(fixture.update(FIRST, 1));
        Path obstacle = Files.createDirectories(data.resolve("state.json.tmp/in-the-way"));

        assertThat(process(fixture.update(SECOND, 2))).isInstanceOf(UpdateResult.Deferred.class);
        assertThat(fixture.versionInUse()).isEqualTo(FIRST);
        assertThat(data.resolve("0-2.update")).doesNotExist();

        Files.delete(obstacle);
        Files.delete(obstacle.getParent());
        assertThat(processor.diskRecovered()).containsInstanceOf(Applied.class);
        assertThat(fixture.versionInUse()).isEqualTo(SECOND);
        assertThat(processor.diskRecovered()).isEmpty();
    }

    @Test
    void rollBack_diskTakesNothing_isInForceAtOnceAndWrittenDownLater() throws IOException {
        process(fixture.update(FIRST, 1));
        process(fixture.update(SECOND, 2));
        Path obstacle = Files.createDirectories(data.resolve("state.json.tmp/in-the-way"));

        assertThat(processor.rollBack("operator")).containsInstanceOf(RolledBack.class);
        assertThat(fixture.versionInUse()).isEqualTo(FIRST);

        Files.delete(obstacle);
        Files.delete(obstacle.getParent());
        processor.diskRecovered();
        fixture.start();
        assertThat(fixture.versionInUse()).isEqualTo(FIRST);
    }

    @Test
    void start_staleUpdateAfterARestart_isStillRefused() throws IOException {
        process(fixture.update(FIRST, 5));
        processor = fixture.start();

        assertThat(process(fixture.update(SECOND, 3))).isInstanceOf(Rejected.class);
        assertThat(fixture.versionInUse()).isEqualTo(FIRST);
    }

    @Test
    void process_manyUpdates_keepsThreeOnDisk() throws IOException {
        for (int i = 1; i <= 6; i++) {
            assertThat(process(fixture.update("01J0000000000000000000000" + i, i)))
                    .isInstanceOf(Applied.class);
        }

        try (Stream<Path> files = Files.list(data)) {
            assertThat(files.filter(f -> f.toString().endsWith(".update"))).hasSize(3);
        }
    }

    @Test
    void rollBack_goesToThePreviousAndStaysThereAfterARestart() throws IOException {
        process(fixture.update(FIRST, 1));
        byte[] second = fixture.signed(fixture.update(SECOND, 2));
        processor.process(fixture.topic, second);

        assertThat(processor.rollBack("operator")).containsInstanceOf(RolledBack.class);

        assertThat(fixture.versionInUse()).isEqualTo(FIRST);
        processor = fixture.start();
        assertThat(fixture.versionInUse()).isEqualTo(FIRST);
        assertThat(processor.process(fixture.topic, second)).isInstanceOf(Ignored.class);
    }

    @Test
    void endProbation_setbackOnNewFrames_rollsBack() throws IOException {
        // Too few frames to judge before the swap, enough after it.
        process(fixture.update(FIRST, 1, minusBase()));
        assertThat(processor.endProbation()).isEmpty();
        fixture.fillShadow();

        assertThat(processor.endProbation()).containsInstanceOf(RolledBack.class);
        assertThat(fixture.versionInUse()).isEmpty();
    }

    @Test
    void endProbation_goodUpdate_stays() throws IOException {
        process(fixture.update(FIRST, 1));
        fixture.fillShadow();

        assertThat(processor.endProbation()).isEmpty();
        assertThat(fixture.versionInUse()).isEqualTo(FIRST);
    }

    @Test
    void entered_aDomainThatWasLeft_takesUpWhatRanThere() throws IOException {
        Domain fog = new Domain();
        process(fixture.update(FIRST, 1));
        float[] input = TestModels.randomInput(1, 3 * 64, 5);
        float[] there = fixture.logits(input, 1);
        processor.left(fog);
        process(fixture.update(SECOND, 2));
        processor.left(new Domain());

        assertThat(processor.entered(fog))
                .containsInstanceOf(UpdateResult.Recalled.class)
                .hasValueSatisfying(
                        r -> assertThat(((UpdateResult.Recalled) r).version()).isEqualTo(FIRST));

        assertThat(fixture.versionInUse()).isEqualTo(FIRST);
        assertThat(fixture.logits(input, 1)).isEqualTo(there);
        assertThat(processor.entered(fog)).as("in use already").isEmpty();
        assertThat(processor.entered(new Domain())).as("never seen").isEmpty();
    }

    @Test
    void entered_afterARecall_updatesAndRestartsGoOnFromTheLastAccepted() throws IOException {
        Domain fog = new Domain();
        process(fixture.update(FIRST, 1));
        processor.left(fog);
        process(fixture.update(SECOND, 2));
        processor.entered(fog);

        assertThat(process(fixture.update("01J00000000000000000000003", 2))).isInstanceOf(Rejected.class);
        assertThat(process(fixture.update("01J00000000000000000000003", 3))).isInstanceOf(Applied.class);
        processor = fixture.start();
        assertThat(fixture.versionInUse()).isEqualTo("01J00000000000000000000003");
    }

    @Test
    void process_twoExperts_isInForceEachForTheImagesThatLookLikeIt() {
        AffineUpdate.Builder update = mixed(FIRST, 1);

        assertThat(process(update)).isInstanceOf(Applied.class);

        assertThat(fixture.versionInUse()).isEqualTo(FIRST);
        assertThat(fixture.expertsInUse()).isEqualTo(2);
        Adaptation decoded = AdaptationCodec.decode(update.getAffine().toByteArray(), fixture.manifest.layers());
        float[][] images = {tensor(Mixtures.dark(1)), tensor(Mixtures.bright(1))};
        for (int expert = 0; expert < 2; expert++) {
            AffineParameters difference = decoded.experts().get(expert).affine();
            byte[] unfolded = fixture.folder.replace(fixture.folder.base().plus(difference));
            try (InferenceEngine reference = fixture.engines.open(unfolded)) {
                assertThat(fixture.logits(images[expert], 1))
                        .containsExactly(reference.logits(images[expert], 1), within(1e-4f));
            }
        }
    }

    @Test
    void process_twoExpertsThenOne_isInForceForAllImages() {
        process(mixed(FIRST, 1));

        assertThat(process(fixture.update(SECOND, 2))).isInstanceOf(Applied.class);

        assertThat(fixture.expertsInUse()).isEqualTo(1);
    }

    @Test
    void start_afterTwoExperts_takesThemUpAgain() throws IOException {
        process(mixed(FIRST, 1));
        float[][] before = darkAndBright();
        fixture.holder.clear();

        fixture.start();

        assertThat(fixture.versionInUse()).isEqualTo(FIRST);
        assertThat(fixture.expertsInUse()).isEqualTo(2);
        assertThat(darkAndBright()).isDeepEqualTo(before);
    }

    @Test
    void rollBack_toTwoExperts_takesThemUpAgain() throws IOException {
        process(mixed(FIRST, 1));
        float[][] before = darkAndBright();
        process(fixture.update(SECOND, 2));

        assertThat(processor.rollBack("operator")).containsInstanceOf(RolledBack.class);

        assertThat(fixture.expertsInUse()).isEqualTo(2);
        assertThat(darkAndBright()).isDeepEqualTo(before);
    }

    @Test
    void entered_aDomainLeftWithTwoExperts_takesThemUpAgain() {
        Domain fogAndSun = new Domain();
        process(mixed(FIRST, 1));
        float[][] there = darkAndBright();
        processor.left(fogAndSun);
        process(fixture.update(SECOND, 2));
        assertThat(fixture.expertsInUse()).isEqualTo(1);

        assertThat(processor.entered(fogAndSun)).containsInstanceOf(UpdateResult.Recalled.class);

        assertThat(fixture.versionInUse()).isEqualTo(FIRST);
        assertThat(fixture.expertsInUse()).isEqualTo(2);
        assertThat(darkAndBright()).isDeepEqualTo(there);
    }

    @Test
    void process_secondExpertCorrupt_isRefusedAndTheModelInUseStays() {
        byte[] encoded = mixed(FIRST, 1).getAffine().toByteArray();
        encoded[encoded.length - 5] ^= 1;
        AffineUpdate.Builder corrupt = fixture.update(FIRST, 1).setAffine(sealed(encoded));

        assertRefused(process(corrupt), "expert 1: affine parameters are truncated or corrupted");

        process(mixed(SECOND, 2));
        float[][] before = darkAndBright();
        assertThat(process(corrupt.setVersion("01J00000000000000000000003")
                        .setRevision(Revision.newBuilder().setRevision(3))))
                .isInstanceOf(Rejected.class);
        assertThat(fixture.versionInUse()).isEqualTo(SECOND);
        assertThat(darkAndBright()).isDeepEqualTo(before);
    }

    @Test
    void process_secondExpertOfAnotherModel_isRefused() {
        byte[] other = AdaptationCodec.encode(Mixtures.darkAndBright(new AffineFolder(TestModels.gemm()).base()));

        assertRefused(process(fixture.update(FIRST, 1).setAffine(ByteString.copyFrom(other))), "expert 0: ");
    }

    @Test
    void process_lookNotFinite_isRefused() {
        byte[] encoded = mixed(FIRST, 1).getAffine().toByteArray();
        // Behind the mark, the version and the numbers of experts and of features.
        ByteBuffer.wrap(encoded).putFloat(6, Float.NaN);

        assertRefused(
                process(fixture.update(FIRST, 1).setAffine(sealed(encoded))), "weight 0 of a look's score is NaN");
    }

    /** Whichever of them the fixed inputs would be for: the other one waits for frames that may come at night. */
    @Test
    void process_logitsOfOneExpertOverflow_isRefusedByExpert() {
        AffineParameters good = TestModels.difference(fixture.folder.base(), .05, 1);
        AffineParameters huge = difference(AffineCodec.MAX_MAGNITUDE / 2, 0);

        UpdateResult dark = process(fixture.update(FIRST, 1, Mixtures.darkAndBright(huge, good)));
        assertRefused(dark, "expert 0: ");
        assertRefused(dark, "logit");
        UpdateResult bright = process(fixture.update(FIRST, 1, Mixtures.darkAndBright(good, huge)));
        assertRefused(bright, "expert 1: ");
        assertRefused(bright, "logit");
    }

    private AffineUpdate.Builder mixed(String version, long revision) {
        return fixture.update(version, revision, Mixtures.darkAndBright(fixture.folder.base()));
    }

    /** With the checksum of experts made right again. */
    private static ByteString sealed(byte[] encoded) {
        CRC32 crc = new CRC32();
        crc.update(encoded, 0, encoded.length - Integer.BYTES);
        ByteBuffer.wrap(encoded).putInt(encoded.length - Integer.BYTES, (int) crc.getValue());
        return ByteString.copyFrom(encoded);
    }

    /** Logits of a dark and of a bright image. */
    private float[][] darkAndBright() {
        return new float[][] {fixture.logits(tensor(Mixtures.dark(1)), 1), fixture.logits(tensor(Mixtures.bright(1)), 1)
        };
    }

    private float[] tensor(Image image) {
        return ImageCodec.toTensor(image, image.height(), image.width(), fixture.manifest.preprocessing());
    }

    private UpdateResult process(AffineUpdate.Builder update) {
        return processor.process(fixture.topic, fixture.signed(update));
    }

    private void assertRefused(UpdateResult result, String reason) {
        assertThat(result).isInstanceOfSatisfying(Rejected.class, r -> assertThat(r.reason())
                .contains(reason));
        assertThat(fixture.versionInUse()).isEmpty();
    }

    private AffineParameters minusBase() {
        List<AffineParameters.Layer> layers = new ArrayList<>();
        for (AffineParameters.Layer layer : fixture.folder.base().layers()) {
            float[] scale = layer.scale().clone();
            for (int c = 0; c < scale.length; c++) {
                scale[c] = -scale[c];
            }
            layers.add(new AffineParameters.Layer(layer.name(), scale, new float[scale.length]));
        }
        return new AffineParameters(layers);
    }

    private AffineParameters difference(float scale, float shift) {
        List<AffineParameters.Layer> layers = new ArrayList<>();
        for (AffineParameters.Layer layer : fixture.folder.base().layers()) {
            float[] scales = new float[layer.scale().length];
            float[] shifts = new float[scales.length];
            Arrays.fill(scales, scale);
            Arrays.fill(shifts, shift);
            layers.add(new AffineParameters.Layer(layer.name(), scales, shifts));
        }
        return new AffineParameters(layers);
    }
}
