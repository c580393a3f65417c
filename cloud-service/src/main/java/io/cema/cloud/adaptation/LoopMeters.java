package io.cema.cloud.adaptation;

import io.cema.cloud.adaptation.torch.StepReport;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What the loops of one cohort do in this process, for the metrics endpoint. Any thread. */
final class LoopMeters {
    private static final String COHORT = "cohort";

    private final MeterRegistry registry;
    private final String cohort;
    private final Timer steps;
    private final Timer gate;
    private final Counter samples;
    private final Counter failures;
    private final Counter updateBytes;
    /** Of the last verdict; not a number before it. */
    private volatile double candidateAgreement = Double.NaN;

    private volatile double liveAgreement = Double.NaN;
    private volatile double liveEntropy = Double.NaN;

    /** @param cohort as {@link io.cema.cloud.metrics.CohortLabels} has it */
    LoopMeters(MeterRegistry registry, String cohort) {
        this.registry = registry;
        this.cohort = cohort;
        steps = timer("cema.adaptation.step", "Steps of learning");
        gate = timer("cema.adaptation.gate", "Judgements of a candidate before it is published");
        samples = counter("cema.adaptation.samples", "Samples that steps took as new");
        failures = counter("cema.adaptation.failures", "Times that a loop failed and waits before it goes on");
        updateBytes = Counter.builder("cema.adaptation.update")
                .description("Encoded updates that were published")
                .baseUnit("bytes")
                .tag(COHORT, cohort)
                .register(registry);
        verdicts("publish");
        updates("stable");
        gauge(
                "cema.adaptation.candidate.agreement.ratio",
                "Agreement with the teacher, of the last candidate",
                () -> candidateAgreement);
        gauge(
                "cema.adaptation.live.agreement.ratio",
                "The same of the live version, at that verdict",
                () -> liveAgreement);
        gauge(
                "cema.adaptation.live.entropy.nats",
                "Mean entropy of the live version's answers, at that verdict",
                () -> liveEntropy);
    }

    void learnt(StepReport report, long nanos) {
        steps.record(nanos, TimeUnit.NANOSECONDS);
        samples.increment(report.fresh());
    }

    void judged(Verdict verdict, long nanos) {
        gate.record(nanos, TimeUnit.NANOSECONDS);
        if (verdict instanceof Verdict.Publish publish) {
            verdicts("publish").increment();
            show(publish.metrics());
        } else if (verdict instanceof Verdict.Refuse refuse) {
            verdicts(refuse.cause().name().toLowerCase(Locale.ROOT)).increment();
            show(refuse.metrics());
        }
    }

    void published(boolean candidate, int bytes) {
        updates(candidate ? CanaryPhase.CANARY : CanaryPhase.STABLE).increment();
        updateBytes.increment(bytes);
    }

    void failed() {
        failures.increment();
    }

    private void show(GateMetrics metrics) {
        candidateAgreement = metrics.candidateAgreement();
        liveAgreement = metrics.liveAgreement();
        liveEntropy = metrics.liveEntropy();
    }

    /** @param verdict publish, or the cause of a refusal: a closed set */
    private Counter verdicts(String verdict) {
        return Counter.builder("cema.adaptation.verdicts")
                .description("Verdicts of the gate: publish, or why not")
                .tag(COHORT, cohort)
                .tag("verdict", verdict)
                .register(registry);
    }

    private Counter updates(String channel) {
        return Counter.builder("cema.adaptation.updates")
                .description("Updates that loops published, by channel")
                .tag(COHORT, cohort)
                .tag("channel", channel)
                .register(registry);
    }

    private Timer timer(String name, String description) {
        return Timer.builder(name).description(description).tag(COHORT, cohort).register(registry);
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name)
                .description(description)
                .tag(COHORT, cohort)
                .register(registry);
    }

    private void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).tag(COHORT, cohort).register(registry);
    }
}
