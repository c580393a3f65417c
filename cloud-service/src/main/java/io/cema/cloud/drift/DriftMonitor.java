package io.cema.cloud.drift;

import io.cema.cloud.drift.DriftRepository.Found;
import io.cema.cloud.drift.DriftRepository.SlotStreams;
import io.cema.cloud.drift.DriftStream.Outcome;
import io.cema.cloud.drift.DriftStream.Phase;
import io.cema.cloud.persistence.OneByOne;
import io.cema.cloud.persistence.ServiceClock;
import io.cema.protocol.message.StatisticsReport;
import io.cema.protocol.message.Telemetry;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Watches devices by what they send, in the transaction that stores it: whichever process takes a message goes on where the
 * last one ended. Messages of one device must exclude each other; those of telemetry do by the device's row. Any thread.
 */
@ApplicationScoped
public class DriftMonitor {
    private final DriftRepository repository;
    private final DriftThreshold threshold;
    private final DriftAlarms alarms;
    private final DriftSettings settings;
    private final ServiceClock clock;

    DriftMonitor(
            DriftRepository repository,
            DriftThreshold threshold,
            DriftAlarms alarms,
            DriftSettings settings,
            ServiceClock clock) {
        this.repository = repository;
        this.threshold = threshold;
        this.alarms = alarms;
        this.settings = settings;
        this.clock = clock;
    }

    /** What became of a stream. */
    private record Step(StoredStream stream, Outcome outcome, Optional<String> ended) {
        static Step quiet(StoredStream stream) {
            return new Step(stream, Outcome.NONE, Optional.empty());
        }
    }

    /** What is observed of one stream now. */
    private record Arrival(StreamKey key, String modelDigest, String version, Optional<Found> found, Instant now) {}

    /** Telemetry that is newer than all before it. */
    public Uni<Void> telemetry(SqlConnection connection, String device, Telemetry telemetry) {
        List<SlotSignals> told = SlotSignals.of(telemetry).stream()
                .filter(slot -> !slot.signals().isEmpty())
                .toList();
        if (!settings.enabled() || told.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Instant now = clock.instant();
        return repository
                .ofDevice(connection, device)
                .chain(slots -> threshold.now(connection).chain(limit -> {
                    List<Step> steps = new ArrayList<>();
                    for (SlotSignals slot : told) {
                        slots.stream()
                                .filter(s ->
                                        slot.cohort().map(s.cohort()::equals).orElse(s.own()))
                                .findFirst()
                                .ifPresent(s -> steps.addAll(counted(device, slot, s, now, limit)));
                    }
                    return settle(connection, steps, limit);
                }));
    }

    private List<Step> counted(String device, SlotSignals told, SlotStreams slot, Instant now, double limit) {
        List<Step> steps = new ArrayList<>();
        told.signals().forEach((signal, counted) -> {
            Arrival arrival = new Arrival(
                    new StreamKey(slot.cohort(), Optional.of(device), signal),
                    told.modelDigest().orElse(""),
                    slot.version(),
                    slot.of(signal),
                    now);
            counted(arrival, counted, limit).ifPresent(steps::add);
        });
        return steps;
    }

    /** Empty: nothing to be kept. */
    private Optional<Step> counted(Arrival arrival, Counted counted, double limit) {
        if (arrival.found().isEmpty()) {
            return Optional.of(begun(arrival, counted, Optional.empty()));
        }
        StoredStream stored = arrival.found().get().stream();
        DriftStream stream = stored.state().stream();
        boolean drifted = stream.phase() == Phase.DRIFTED;
        if (!stored.modelDigest().equals(arrival.modelDigest())
                || stored.state().counted().counts().length != counted.counts().length) {
            return Optional.of(begun(arrival, counted, drifted ? Optional.of("another model") : Optional.empty()));
        }
        if (drifted && !arrival.found().get().alarmed()) {
            return Optional.of(begun(arrival, counted, Optional.empty())); // cleared by hand: it is how it is now
        }
        Counted before = stored.state().counted();
        boolean sameUpdate = stored.version().equals(arrival.version())
                && (!before.start().equals(counted.start()) || before.applied() == counted.applied());
        if (!sameUpdate && !drifted) {
            return Optional.of(begun(arrival, counted, Optional.empty()));
        }
        Optional<long[]> since = sameUpdate ? counted.since(before) : Optional.empty();
        if (since.isEmpty()) {
            StoredStream anew = new StoredStream(
                    stored.key(),
                    stored.modelDigest(),
                    arrival.version(),
                    new StreamState(counted, stream),
                    stored.since(),
                    stored.observedAt());
            return Optional.of(Step.quiet(anew));
        }
        long frames = Arrays.stream(since.get()).sum();
        long needed = Math.max(
                settings.frames(),
                stream.reference().map(Reference::fewestFrames).orElse(0L));
        if (frames < needed || tooSoon(arrival, stored)) {
            return Optional.empty();
        }
        double[] shares = new double[since.get().length];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = (double) since.get()[i] / frames;
        }
        Outcome outcome = stream.observe(stored.key().signal(), shares, frames, settings.reference(), limit);
        return Optional.of(
                new Step(stored.observed(new StreamState(counted, stream), arrival.now()), outcome, Optional.empty()));
    }

    /** A report that is not a repeated one. Its device's row must be locked. */
    public Uni<Void> statistics(SqlConnection connection, String device, StatisticsReport report) {
        Optional<double[]> observed = StatisticsVector.of(report.getStatistics().toByteArray());
        if (!settings.enabled() || observed.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Instant now = clock.instant();
        StreamKey key = new StreamKey(report.getCohort(), Optional.of(device), Signal.STATISTICS);
        return repository
                .ofDevice(connection, device)
                .chain(slots -> threshold.now(connection).chain(limit -> {
                    Optional<Found> found = slots.stream()
                            .filter(slot -> slot.cohort().equals(report.getCohort()))
                            .flatMap(slot -> slot.of(Signal.STATISTICS).stream())
                            .findFirst();
                    Arrival arrival = new Arrival(key, report.getModelDigest(), "", found, now);
                    return settle(
                            connection,
                            measured(arrival, observed.get(), report.getFrames(), limit)
                                    .map(List::of)
                                    .orElse(List.of()),
                            limit);
                }));
    }

    private Optional<Step> measured(Arrival arrival, double[] observed, long frames, double limit) {
        Optional<StoredStream> stored = arrival.found().map(Found::stream);
        boolean drifted =
                stored.filter(s -> s.state().stream().phase() == Phase.DRIFTED).isPresent();
        boolean goesOn = stored.filter(s -> s.modelDigest().equals(arrival.modelDigest()))
                        .filter(s -> s.state().stream()
                                .reference()
                                .map(r -> r.centre().length == observed.length)
                                .orElse(true))
                        .isPresent()
                && (!drifted || arrival.found().get().alarmed());
        if (goesOn && tooSoon(arrival, stored.get())) {
            return Optional.empty();
        }
        Step begun = begun(
                arrival,
                null,
                drifted && arrival.found().get().alarmed() ? Optional.of("another model") : Optional.empty());
        StoredStream before = goesOn ? stored.get() : begun.stream();
        Outcome outcome =
                before.state().stream().observe(Signal.STATISTICS, observed, frames, settings.reference(), limit);
        return Optional.of(new Step(
                before.observed(before.state(), arrival.now()), outcome, goesOn ? Optional.empty() : begun.ended()));
    }

    /** An observation that is still to come is of a clock that was wrong: it is not waited for. */
    private boolean tooSoon(Arrival arrival, StoredStream stored) {
        Duration passed = Duration.between(stored.observedAt(), arrival.now());
        return passed.compareTo(settings.interval()) < 0
                && passed.compareTo(settings.interval().negated()) > 0;
    }

    private static Step begun(Arrival arrival, Counted counted, Optional<String> ended) {
        StoredStream anew = new StoredStream(
                arrival.key(),
                arrival.modelDigest(),
                arrival.version(),
                new StreamState(counted, new DriftStream()),
                arrival.now(),
                arrival.now());
        return new Step(anew, Outcome.NONE, ended);
    }

    private Uni<Void> settle(SqlConnection connection, List<Step> steps, double limit) {
        return repository
                .save(connection, steps.stream().map(Step::stream).toList())
                .chain(() -> OneByOne.each(steps, step -> step.ended()
                        .map(reason -> alarms.end(connection, step.stream().key(), reason))
                        .orElseGet(() -> alarms.tell(connection, step.stream(), step.outcome(), limit))));
    }
}
