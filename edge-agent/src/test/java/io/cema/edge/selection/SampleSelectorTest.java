package io.cema.edge.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cema.edge.inference.Prediction;
import io.cema.edge.selection.Decision.Skip;
import io.cema.edge.selection.Decision.SkipReason;
import io.cema.edge.selection.Decision.Upload;
import io.cema.edge.selection.Decision.UploadCause;
import io.cema.protocol.image.Image;
import io.cema.protocol.message.SelectionPolicy;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class SampleSelectorTest {
    private static final int CLASSES = 10;
    private static final SelectionSettings PUBLISHED = SelectionSettings.published(CLASSES);

    private final List<Domain> left = new ArrayList<>();
    private final List<Domain> entered = new ArrayList<>();

    @Test
    void published_tenAndThousandClasses_haveThePublishedRedundancyThreshold() {
        assertThat(PUBLISHED.redundancyCosine()).isCloseTo(0.4, within(1e-12));
        assertThat(SelectionSettings.published(1000).redundancyCosine()).isCloseTo(0.05, within(0.001));
    }

    @Test
    void published_outOfRangePolicy_isRefused() {
        SelectionPolicy policy =
                SelectionPolicy.newBuilder().setEntropyMinFraction(0.5f).build();

        assertThatThrownBy(() -> PUBLISHED.with(policy))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("entropy-min-fraction");
    }

    @Test
    void with_policyZero_keepsTheDefault() {
        SelectionSettings settings = PUBLISHED.with(
                SelectionPolicy.newBuilder().setRedundancyCosine(0.7f).build());

        assertThat(settings.redundancyCosine()).isEqualTo(0.7);
        assertThat(settings.entropyMaxFraction()).isEqualTo(0.4);
    }

    @Test
    void decide_uniformProbabilities_isUnreliable() {
        assertThat(selector(0).decide(peak(0, 0), pixels(1), 1)).isEqualTo(new Skip(SkipReason.UNRELIABLE));
    }

    @Test
    void decide_certain_isUninformative() {
        assertThat(selector(0).decide(peak(0, 30), pixels(1), 1)).isEqualTo(new Skip(SkipReason.UNINFORMATIVE));
    }

    @Test
    void decide_reliableAndInformative_isUploadedWithItsWeight() {
        Prediction prediction = peak(0, 5);

        Decision decision = selector(0).decide(prediction, pixels(1), 1);

        double weight = Math.exp(-(prediction.entropy() - 0.4 * Math.log(CLASSES)));
        assertThat(decision).isEqualTo(new Upload(UploadCause.INFORMATIVE, weight));
    }

    @Test
    void decide_sameProbabilitiesAgain_isRedundant() {
        SampleSelector selector = selector(0);
        selector.decide(peak(3, 5), pixels(1), 1);

        assertThat(selector.decide(peak(3, 5), pixels(2), 1)).isEqualTo(new Skip(SkipReason.REDUNDANT));
    }

    @Test
    void decide_samePixelsOtherClass_isNearDuplicate() {
        SampleSelector selector = selector(0);
        selector.decide(peak(3, 5), pixels(1), 1);

        assertThat(selector.decide(peak(4, 5), pixels(1), 1)).isEqualTo(new Skip(SkipReason.NEAR_DUPLICATE));
    }

    @Test
    void decide_stillScene_isKeptAfterTheCap() {
        SampleSelector selector = selector(0);
        selector.decide(peak(3, 5), pixels(1), 1);
        for (int i = 0; i < PUBLISHED.maxConsecutiveSkips(); i++) {
            assertThat(selector.decide(peak(4, 5), pixels(1), 1)).isInstanceOf(Skip.class);
        }

        assertThat(selector.decide(peak(4, 5), pixels(1), 1)).isInstanceOf(Upload.class);
    }

    @Test
    void decide_nearDuplicate_doesNotBecomeTheReference() {
        SampleSelector selector = selector(0);
        selector.decide(peak(3, 5), pixels(1), 1);
        byte[] drifting = pixels(1).rgb();
        // Each step is close to the one before, the last far from the first: a moving reference would skip it.
        for (int i = 0; i < drifting.length; i++) {
            drifting[i] = (byte) ~drifting[i];
        }

        assertThat(selector.decide(peak(4, 5), new Image(8, 8, drifting), 1)).isInstanceOf(Upload.class);
    }

    @Test
    void entropyMax_meanEntropyFalls_falls() {
        SampleSelector selector = selector(0);
        for (int i = 0; i < PUBLISHED.warmUpFrames(); i++) {
            selector.decide(peak(i % CLASSES, 2), pixels(i), 1);
        }
        assertThat(selector.entropyMax()).isCloseTo(PUBLISHED.entropyMax(), within(1e-9));
        double warmUp = selector.meanEntropy();
        for (int i = 0; i < 1000; i++) {
            selector.decide(peak(i % CLASSES, 8), pixels(i), 1);
        }

        assertThat(selector.entropyMax())
                .isCloseTo(PUBLISHED.entropyMax() * selector.meanEntropy() / warmUp, within(1e-9));
        assertThat(selector.entropyMax()).isLessThan(PUBLISHED.entropyMax() / 2);
    }

    @Test
    void entropyMax_meanEntropyRises_staysAtItsStart() {
        SampleSelector selector = selector(0);
        for (int i = 0; i < PUBLISHED.warmUpFrames(); i++) {
            selector.decide(peak(i % CLASSES, 8), pixels(i), 1);
        }
        for (int i = 0; i < 1000; i++) {
            selector.decide(peak(i % CLASSES, 1), pixels(i), 1);
        }

        assertThat(selector.entropyMax()).isEqualTo(PUBLISHED.entropyMax());
    }

    @Test
    void decide_randomShare_isIndependentOfTheFilters() {
        SampleSelector selector = selector(0.05);
        int random = 0;
        for (int i = 0; i < 20_000; i++) {
            Decision decision = selector.decide(peak(0, 30), pixels(1), 1);
            if (decision instanceof Upload upload) {
                assertThat(upload.cause()).isEqualTo(UploadCause.RANDOM);
                random++;
            }
        }

        // Binomial(20000, 0.05): mean 1000, deviation 31; five deviations either way.
        assertThat(random).isBetween(845, 1155);
    }

    @Test
    void decide_otherNumberOfClasses_isRefused() {
        assertThatThrownBy(() -> selector(0).decide(Prediction.fromLogits(new float[] {1, 2}), pixels(1), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("10 classes");
    }

    @Test
    void decide_defaults_sendAllOfANewDomainAndFewOfAnOldOne() {
        SampleSelector selector = new SampleSelector(SelectionSettings.defaults(CLASSES), 3);

        List<Integer> uploads = statisticsUploads(selector, 0, 1024, 0);

        int burst = Sampling.defaults().statisticsBurst();
        assertThat(uploads.subList(0, burst))
                .isEqualTo(IntStream.range(0, burst).boxed().toList());
        int asManyForEachDoubling = (int) Math.round(burst * (1 + Math.log(1024.0 / burst) / Math.log(2)));
        assertThat(uploads).hasSizeBetween(asManyForEachDoubling - burst, asManyForEachDoubling + 1);
    }

    @Test
    void decide_anotherLook_opensTheTapAgain() {
        SampleSelector selector = new SampleSelector(SelectionSettings.defaults(CLASSES), 3);
        statisticsUploads(selector, 0, 512, 0);

        List<Integer> afterDrift = statisticsUploads(selector, 512, 640, 90);

        assertThat(afterDrift).hasSizeGreaterThan(2 * Sampling.defaults().statisticsBurst());
    }

    @Test
    void decide_aLookThatComesBack_isTheDomainThatWasLeft() {
        SampleSelector selector = observed();
        statisticsUploads(selector, 0, 512, 0);
        assertThat(left).isEmpty();

        statisticsUploads(selector, 512, 768, 90);
        assertThat(left).hasSize(1);
        assertThat(entered).as("never seen before").isEmpty();

        statisticsUploads(selector, 768, 776, 0);
        assertThat(left).as("within eight frames").hasSize(2).doesNotHaveDuplicates();
        assertThat(entered).containsExactly(left.get(0));

        statisticsUploads(selector, 776, 840, 0);
        statisticsUploads(selector, 840, 848, 90);
        assertThat(entered).containsExactly(left.get(0), left.get(1));
    }

    /** What was in use there for a moment is not what serves it. */
    @Test
    void decide_aLookThatIsGoneAtOnce_isNotLeft() {
        SampleSelector selector = observed();
        statisticsUploads(selector, 0, 512, 0);
        statisticsUploads(selector, 512, 1024, 90);
        statisticsUploads(selector, 1024, 1074, 0);
        Domain first = left.get(0);
        assertThat(entered).containsExactly(first);

        statisticsUploads(selector, 1074, 1138, 90);
        assertThat(entered).containsExactly(first, left.get(1));
        assertThat(left).as("without the moment in the first").hasSize(2);

        statisticsUploads(selector, 1138, 1170, 0);
        assertThat(entered.get(2)).isEqualTo(first);
    }

    /** The frame that shows the change was answered by the model of the domain before. */
    @Test
    void decide_aLookThatComesBack_isUploadedFromTheNextFrameOn() {
        SampleSelector selector = observed();
        statisticsUploads(selector, 0, 512, 0);
        statisticsUploads(selector, 512, 1056, 90);
        for (int i = 1056; entered.isEmpty(); i++) {
            assertThat(statisticsUploads(selector, i, i + 1, 0))
                    .as("frame %d", i)
                    .isEmpty();
        }

        assertThat(statisticsUploads(selector, 1080, 1084, 0)).hasSize(4);
    }

    @Test
    void decide_sameLook_keepsTheTapNarrow() {
        SampleSelector selector = new SampleSelector(SelectionSettings.defaults(CLASSES), 3);
        statisticsUploads(selector, 0, 512, 0);

        assertThat(statisticsUploads(selector, 512, 640, 0)).hasSizeLessThan(20);
    }

    @Test
    void decide_threeExperts_threeTimesTheUnfilteredFramesAndAsManyInformative() {
        Map<UploadCause, Integer> one = uploads(unwatched(), 0, 512, 1);
        Map<UploadCause, Integer> three = uploads(unwatched(), 0, 512, 3);

        // Of age 512: burst * (1 + log2(age / burst)).
        assertThat(one.get(UploadCause.STATISTICS)).isEqualTo(16 * 6);
        assertThat(three.get(UploadCause.STATISTICS)).isEqualTo(3 * 16 * 6);
        assertThat(one.get(UploadCause.INFORMATIVE)).isEqualTo(16 * 6);
        assertThat(three.get(UploadCause.INFORMATIVE)).isEqualTo(16 * 6);
    }

    @Test
    void decide_fromOneExpertToThree_catchesUp() {
        SampleSelector selector = unwatched();
        assertThat(uploads(selector, 0, 1024, 1)).containsEntry(UploadCause.STATISTICS, 16 * 6);

        assertThat(uploads(selector, 1024, 1024 + 200, 3))
                .as("each one, until three domains have theirs")
                .containsEntry(UploadCause.STATISTICS, 200);
        assertThat(uploads(selector, 1224, 2048, 3)).containsEntry(UploadCause.STATISTICS, 3 * 16 * 8 - 16 * 6 - 200);
    }

    @Test
    void decide_fromThreeExpertsToOne_waitsUntilOneDomainWouldHaveHadAsMany() {
        SampleSelector selector = unwatched();
        assertThat(uploads(selector, 0, 1024, 3)).containsEntry(UploadCause.STATISTICS, 3 * 16 * 7);

        assertThat(uploads(selector, 1024, 2048, 1)).doesNotContainKey(UploadCause.STATISTICS);
    }

    private SampleSelector observed() {
        return new SampleSelector(SelectionSettings.defaults(CLASSES), 3, new DomainObserver() {
            @Override
            public void left(Domain domain) {
                left.add(domain);
            }

            @Override
            public void entered(Domain domain) {
                entered.add(domain);
            }
        });
    }

    /** One domain for ever, nothing at random, and no frame but for what it is. */
    private static SampleSelector unwatched() {
        SelectionSettings all = selector(0).settings();
        return new SampleSelector(all.with(new Sampling(16, 16, Integer.MAX_VALUE, 32, Double.POSITIVE_INFINITY)), 7);
    }

    /** How many of the frames, each informative and unlike the one before, go up and why. */
    private static Map<UploadCause, Integer> uploads(SampleSelector selector, int from, int to, int experts) {
        Map<UploadCause, Integer> causes = new EnumMap<>(UploadCause.class);
        for (int i = from; i < to; i++) {
            if (selector.decide(peak(i % CLASSES, 5), pixels(i), experts) instanceof Upload upload) {
                causes.merge(upload.cause(), 1, Integer::sum);
            }
        }
        return causes;
    }

    /** Which of the frames go up unfiltered; their grey level is lifted by {@code lift}. */
    private static List<Integer> statisticsUploads(SampleSelector selector, int from, int to, int lift) {
        List<Integer> frames = new ArrayList<>();
        for (int i = from; i < to; i++) {
            byte[] rgb = new byte[8 * 8 * 3];
            Random random = new Random(i);
            for (int k = 0; k < rgb.length; k++) {
                rgb[k] = (byte) (lift + random.nextInt(120));
            }
            Decision decision = selector.decide(peak(i % CLASSES, 30), new Image(8, 8, rgb), 1);
            if (decision instanceof Upload upload && upload.cause() == UploadCause.STATISTICS) {
                frames.add(i);
            }
        }
        return frames;
    }

    @Property(tries = 50)
    void decide_sameSeedSameStream_sameDecisions(@ForAll long seed) {
        assertThat(run(seed)).isEqualTo(run(seed));
    }

    @Property(tries = 50)
    void decide_whateverIsUploadedAsInformative_isBetweenTheThresholds(@ForAll long seed) {
        SampleSelector selector = new SampleSelector(PUBLISHED, seed);
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            Prediction prediction = randomPrediction(random);
            Decision decision = selector.decide(prediction, pixels(i % 7), 1);
            if (decision instanceof Upload upload && upload.cause() == UploadCause.INFORMATIVE) {
                assertThat(prediction.entropy()).isBetween(PUBLISHED.entropyMin(), selector.entropyMax());
            }
        }
    }

    private static List<Decision> run(long seed) {
        SampleSelector selector = new SampleSelector(PUBLISHED, seed);
        Random random = new Random(seed);
        List<Decision> decisions = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            decisions.add(selector.decide(randomPrediction(random), pixels(i % 7), 1));
        }
        return decisions;
    }

    private static Prediction randomPrediction(Random random) {
        float[] logits = new float[CLASSES];
        for (int c = 0; c < CLASSES; c++) {
            logits[c] = (float) (random.nextGaussian() * 3);
        }
        return Prediction.fromLogits(logits);
    }

    private static SampleSelector selector(double randomShare) {
        SelectionSettings s = PUBLISHED;
        return new SampleSelector(
                new SelectionSettings(
                        s.classes(),
                        s.entropyMaxFraction(),
                        s.entropyMinFraction(),
                        s.lambda(),
                        s.warmUpFrames(),
                        s.maxGrowth(),
                        s.redundancyCosine(),
                        s.redundancyMomentum(),
                        s.similarityThreshold(),
                        s.maxConsecutiveSkips(),
                        randomShare,
                        Sampling.published()),
                7);
    }

    private static Prediction peak(int predicted, float height) {
        float[] logits = new float[CLASSES];
        logits[predicted] = height;
        return Prediction.fromLogits(logits);
    }

    private static Image pixels(int seed) {
        byte[] pixels = new byte[8 * 8 * 3];
        new Random(seed).nextBytes(pixels);
        return new Image(8, 8, pixels);
    }
}
