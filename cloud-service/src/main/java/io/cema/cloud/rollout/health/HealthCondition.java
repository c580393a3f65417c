package io.cema.cloud.rollout.health;

import io.cema.cloud.rollout.health.Finding.State;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One condition on the health of canaries. Fails closed: what is not known is not healthy. Any thread. */
sealed interface HealthCondition {
    Finding judge(HealthEvidence evidence);

    /** The uploads' mean of some measure is not lower at the canaries, by {@link NonInferiorityTest}. */
    record Compared(Measure measure, double margin, double alpha, double beta, int fewest, boolean randomAlone)
            implements HealthCondition {
        /** What is compared. */
        enum Measure {
            AGREEMENT,
            CERTAINTY;

            private Optional<Double> of(HealthEvidence.Upload upload) {
                return this == AGREEMENT
                        ? upload.agrees().map(agrees -> agrees ? 1.0 : 0.0)
                        : Optional.of(upload.certainty());
            }
        }

        @Override
        public Finding judge(HealthEvidence evidence) {
            NonInferiorityTest test = new NonInferiorityTest(margin, alpha, beta, fewest);
            for (HealthEvidence.Upload upload : evidence.uploads()) {
                if (upload.random() || !randomAlone) {
                    measure.of(upload).ifPresent(value -> test.observe(upload.ofCanary(), value));
                }
            }
            State state =
                    switch (test.outcome()) {
                        case NOT_WORSE -> State.HEALTHY;
                        case WORSE -> State.UNHEALTHY;
                        case UNDECIDED -> State.UNDECIDED;
                    };
            return new Finding(
                    measure.name(),
                    state,
                    text(
                            "%s of canaries %.3f, of the reference %.3f, margin %.3f, %d differences of at least %d",
                            measure.name().toLowerCase(Locale.ROOT),
                            test.canaryMean(),
                            test.referenceMean(),
                            margin,
                            test.differences(),
                            fewest),
                    Map.of(
                            "canary", test.canaryMean(),
                            "reference", test.referenceMean(),
                            "differences", (double) test.differences(),
                            "logEvidenceOfWorse", test.logEvidenceOfWorse(),
                            "logEvidenceOfNotWorse", test.logEvidenceOfNotWorse()));
        }
    }

    /**
     * Entropy of all frames: no bound is passed by more canary frames than reference frames, beyond a limit. A guard rail
     * without a stated error rate, since frames of a video are not independent.
     */
    record EntropyDistribution(double limit, long fewest) implements HealthCondition {
        @Override
        public Finding judge(HealthEvidence evidence) {
            Optional<BucketCounts> canary = evidence.canary().entropy();
            Optional<BucketCounts> reference = evidence.reference().entropy();
            if (tooFew(canary, fewest) || tooFew(reference, fewest)) {
                return missing("ENTROPY_DISTRIBUTION", canary, reference, fewest);
            }
            double excess = canary.get().excess(reference.get());
            return new Finding(
                    "ENTROPY_DISTRIBUTION",
                    excess > limit ? State.UNHEALTHY : State.HEALTHY,
                    text("%.3f more of the canaries' frames are uncertain, limit %.3f", excess, limit),
                    Map.of("excess", excess, "limit", limit));
        }
    }

    /** Refusals, roll-backs and failures: at most a share of the canaries; and some run it. */
    record Failures(double limit, int fewest) implements HealthCondition {
        @Override
        public Finding judge(HealthEvidence evidence) {
            int devices = evidence.canaryDevices();
            State state = State.HEALTHY;
            if (devices > 0 && evidence.failedDevices() > limit * devices) {
                state = State.UNHEALTHY;
            } else if (evidence.appliedDevices() < Math.max(1, fewest)) {
                state = State.UNDECIDED;
            }
            return new Finding(
                    "FAILURES",
                    state,
                    text(
                            "of %d canaries %d applied it, at least %d must; %d refused it, took it back or failed,"
                                    + " limit %.2f of them",
                            devices, evidence.appliedDevices(), fewest, evidence.failedDevices(), limit),
                    Map.of(
                            "devices", (double) devices,
                            "applied", (double) evidence.appliedDevices(),
                            "failed", (double) evidence.failedDevices()));
        }
    }

    /**
     * Mean latency of the canaries against their own before, over the same of the reference: devices of different speed
     * cancel out. A guard rail without a stated error rate.
     */
    record Latency(double limit, long fewest) implements HealthCondition {
        @Override
        public Finding judge(HealthEvidence evidence) {
            HealthEvidence.Telemetry canary = evidence.canary();
            HealthEvidence.Telemetry reference = evidence.reference();
            if (tooFew(canary.latency(), fewest) || tooFew(reference.latency(), fewest)) {
                return missing("LATENCY", canary.latency(), reference.latency(), fewest);
            }
            if (tooFew(canary.latencyBefore(), fewest) || tooFew(reference.latencyBefore(), fewest)) {
                return missing("LATENCY", canary.latencyBefore(), reference.latencyBefore(), fewest);
            }
            double canaryRise = rise(canary);
            double referenceRise = rise(reference);
            double ratio = canaryRise / referenceRise;
            return new Finding(
                    "LATENCY",
                    ratio <= limit ? State.HEALTHY : State.UNHEALTHY,
                    text(
                            "latency rose to %.2f at canaries, to %.2f at the reference, limit %.2f times as much",
                            canaryRise, referenceRise, limit),
                    Map.of("canary", canaryRise, "reference", referenceRise, "limit", limit));
        }

        private static double rise(HealthEvidence.Telemetry group) {
            return group.latency().orElseThrow().mean()
                    / group.latencyBefore().orElseThrow().mean();
        }
    }

    private static boolean tooFew(Optional<BucketCounts> counts, long fewest) {
        return counts.isEmpty() || counts.get().total() < Math.max(1, fewest);
    }

    private static Finding missing(
            String name, Optional<BucketCounts> canary, Optional<BucketCounts> reference, long fewest) {
        long ofCanary = canary.map(BucketCounts::total).orElse(0L);
        long ofReference = reference.map(BucketCounts::total).orElse(0L);
        return new Finding(
                name,
                State.UNDECIDED,
                text(
                        "telemetry of %d frames of canaries and %d of the reference, at least %d of each are needed",
                        ofCanary, ofReference, fewest),
                Map.of("canaryFrames", (double) ofCanary, "referenceFrames", (double) ofReference));
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
