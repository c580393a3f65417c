package io.cema.edge.serving;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** What each slot does, for the metrics endpoint: series labelled with model and slot. Thread-safe. */
public final class SlotMeters implements PredictionSink {
    private static final String SLOT = "slot";

    private final MeterRegistry registry;

    public SlotMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void prediction(PredictionRecord prediction) {
        Timer.builder("cema.predictions")
                .description("Images predicted, and the time from pixels to probabilities")
                .tag("model", prediction.model())
                .tag(SLOT, prediction.slot())
                .register(registry)
                .record(Math.round(prediction.latencyMillis() * 1e6), TimeUnit.NANOSECONDS);
    }

    @Override
    public void update(UpdateRecord update) {
        Counter.builder("cema.updates")
                .description("Updates by what became of them")
                .tag(SLOT, update.slot())
                .tag("event", update.event())
                .register(registry)
                .increment();
    }
}
