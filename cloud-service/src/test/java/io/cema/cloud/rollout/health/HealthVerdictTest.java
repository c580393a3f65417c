package io.cema.cloud.rollout.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.cloud.rollout.health.HealthEvidence.Telemetry;
import io.cema.cloud.rollout.health.HealthEvidence.Upload;
import io.cema.cloud.rollout.health.HealthVerdict.Decision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HealthVerdictTest {
    private static final HealthSettings SETTINGS = HealthSettings.defaults();
    private static final double[] BOUNDS = {0.5, 1, 1.5, 2};

    private Duration age = Duration.ofMinutes(5);
    private List<Upload> uploads = uploads(1, 0.8, 0.8);
    private int applied = 5;
    private int failed;
    private Telemetry canary = telemetry(1_000, 100);
    private Telemetry reference = telemetry(1_000, 100);

    @Test
    void healthyInAll_isPromoted() {
        assertThat(verdict().decision()).isEqualTo(Decision.PROMOTE);
        assertThat(verdict().findings()).hasSize(5);
    }

    @Test
    void lessAgreement_isRevoked() {
        uploads = uploads(1, 0.5, 0.8);

        assertThat(verdict().decision()).isEqualTo(Decision.REVOKE);
        assertThat(verdict().reason()).contains("agreement of canaries");
    }

    @Test
    void unscoredUploads_areMissingEvidence() {
        uploads = uploads.stream()
                .map(u -> new Upload(u.ofCanary(), true, Optional.empty(), u.certainty()))
                .toList();

        assertThat(verdict().decision()).isEqualTo(Decision.CONTINUE);
    }

    @Test
    void uploadsOfTheSelection_doNotCount() {
        uploads = uploads.stream()
                .map(u -> new Upload(u.ofCanary(), false, u.agrees(), u.certainty()))
                .toList();

        assertThat(verdict().decision()).isEqualTo(Decision.CONTINUE);
    }

    @Test
    void noTelemetry_isMissingEvidence() {
        canary = Telemetry.NONE;

        assertThat(verdict().decision()).isEqualTo(Decision.CONTINUE);
        assertThat(verdict().reason()).contains("telemetry of 0 frames");
    }

    @Test
    void missingEvidence_isRevokedAtTheTimeLimit() {
        canary = Telemetry.NONE;
        age = Duration.ofSeconds(SETTINGS.limitSeconds());

        assertThat(verdict().decision()).isEqualTo(Decision.REVOKE);
        assertThat(verdict().reason()).startsWith("undecided after 86400 s");
    }

    @Test
    void noCanaryThatRunsIt_isMissingEvidence() {
        applied = 0;

        assertThat(verdict().decision()).isEqualTo(Decision.CONTINUE);
    }

    @Test
    void rollBacks_areRevoked() {
        failed = 2;

        assertThat(verdict().decision()).isEqualTo(Decision.REVOKE);
        assertThat(verdict().reason()).contains("2 refused it");
    }

    @Test
    void uncertainFrames_areRevoked() {
        canary = new Telemetry(
                Optional.of(new BucketCounts(BOUNDS, new long[] {500, 0, 0, 0, 500})),
                reference.latency(),
                reference.latencyBefore());

        assertThat(verdict().decision()).isEqualTo(Decision.REVOKE);
        assertThat(verdict().reason()).contains("more of the canaries' frames are uncertain");
    }

    @Test
    void slowerThanBefore_isRevoked() {
        canary = new Telemetry(
                canary.entropy(),
                Optional.of(new BucketCounts(BOUNDS, new long[] {0, 0, 0, 1_000, 0})),
                canary.latencyBefore());

        assertThat(verdict().decision()).isEqualTo(Decision.REVOKE);
    }

    @Test
    void slowDevices_thatWereSlowBefore_areHealthy() {
        Optional<BucketCounts> slow = Optional.of(new BucketCounts(BOUNDS, new long[] {0, 0, 0, 1_000, 0}));
        canary = new Telemetry(canary.entropy(), slow, slow);

        assertThat(verdict().decision()).isEqualTo(Decision.PROMOTE);
    }

    /** The README's and the decision record's figures: 1 of the first 100, 5 of 1000. */
    @Test
    void goodRollouts_raiseNoMoreFalseAlarmsThanStated() {
        List<Integer> alarms = IntStream.range(0, 1_000)
                .filter(seed -> decided(seed, 0.8) != Decision.PROMOTE)
                .boxed()
                .toList();

        assertThat(alarms).filteredOn(seed -> seed < 100).hasSizeLessThanOrEqualTo(5);
        assertThat((double) alarms.size() / 1_000).isLessThanOrEqualTo(SETTINGS.alpha());
    }

    @Test
    void rolloutsWorseByTheMargin_passNoMoreOftenThanStated() {
        long passed = IntStream.range(0, 1_000)
                .filter(seed -> decided(seed, 0.8 - SETTINGS.agreementMargin()) == Decision.PROMOTE)
                .count();

        assertThat(passed / 1_000.0).isLessThanOrEqualTo(SETTINGS.beta());
    }

    @Test
    void rolloutsMuchWorse_areAllRevoked() {
        assertThat(IntStream.range(0, 100)).allMatch(seed -> decided(seed, 0.55) == Decision.REVOKE);
    }

    @Test
    void settingsWithoutASequentialTest_areRefused() {
        HealthSettings d = SETTINGS;
        assertThatThrownBy(() -> new HealthSettings(
                        d.alpha(),
                        d.beta(),
                        Set.of(HealthSettings.Condition.LATENCY),
                        true,
                        d.agreementMargin(),
                        d.certaintyMargin(),
                        d.minimumUploads(),
                        d.entropyLimit(),
                        d.latencyLimit(),
                        d.minimumFrames(),
                        d.failureLimit(),
                        d.minimumDevices(),
                        d.limitSeconds()))
                .hasMessageContaining("AGREEMENT or CERTAINTY");
    }

    /** Judged after every 50 uploads, until something is decided; the reference agrees in 0.8. */
    private Decision decided(int seed, double ofCanary) {
        List<Upload> all = uploads(seed, ofCanary, 0.8);
        for (int n = 50; n <= all.size(); n += 50) {
            uploads = all.subList(0, n);
            Decision decision = verdict().decision();
            if (decision != Decision.CONTINUE) {
                return decision;
            }
        }
        return Decision.CONTINUE;
    }

    private HealthVerdict verdict() {
        return HealthVerdict.of(new HealthEvidence(age, uploads, 5, applied, failed, canary, reference), SETTINGS);
    }

    /** Each tenth of a canary. */
    private static List<Upload> uploads(int seed, double ofCanary, double ofReference) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Upload> uploads = new ArrayList<>();
        for (int i = 0; i < 8_000; i++) {
            boolean canary = i % 10 == 0;
            boolean agrees = random.nextDouble() < (canary ? ofCanary : ofReference);
            uploads.add(new Upload(
                    canary, true, Optional.of(agrees), agrees ? 0.5 + random.nextDouble() / 2 : random.nextDouble()));
        }
        return uploads;
    }

    private static Telemetry telemetry(long frames, long beforeFactor) {
        BucketCounts counts = new BucketCounts(BOUNDS, new long[] {frames, 0, 0, 0, 0});
        BucketCounts before = new BucketCounts(BOUNDS, new long[] {frames * beforeFactor, 0, 0, 0, 0});
        return new Telemetry(Optional.of(counts), Optional.of(counts), Optional.of(before));
    }
}
