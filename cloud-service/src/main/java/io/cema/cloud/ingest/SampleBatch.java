package io.cema.cloud.ingest;

import io.cema.cloud.messaging.DeadLetter;
import io.cema.cloud.messaging.SentTopic;
import io.cema.cloud.model.ArtefactStore;
import io.cema.cloud.persistence.Patience;
import io.cema.protocol.message.SampleAck;
import io.cema.protocol.message.SampleInfo;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.trace.TraceParent;
import io.cema.protocol.trace.Tracing;
import io.opentelemetry.api.trace.SpanKind;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/**
 * Makes a batch of messages durable: image bytes first, then rows and dead letters in one transaction, then the answer
 * to the devices. Blocks, on ingest's thread, and waits for as long as database or disk are away.
 */
@ApplicationScoped
class SampleBatch {
    private static final Logger LOG = Logger.getLogger(SampleBatch.class);

    private final SampleStore store;
    private final ArtefactStore artefacts;
    private final SampleAcks acks;
    private final Event<SamplesArrived> arrived;
    private final IngestSettings settings;
    private final IngestMeters meters;
    private final Tracing tracing;
    private final SampleReader reader;
    private final HeldBack heldBack;
    private final String tenant;

    SampleBatch(
            SampleStore store,
            ArtefactStore artefacts,
            SampleAcks acks,
            Event<SamplesArrived> arrived,
            IngestSettings settings,
            IngestMeters meters,
            Tracing tracing,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.store = store;
        this.artefacts = artefacts;
        this.acks = acks;
        this.arrived = arrived;
        this.settings = settings;
        this.meters = meters;
        this.tracing = tracing;
        this.tenant = tenant;
        this.reader = new SampleReader(settings);
        this.heldBack = new HeldBack(settings.heldBackShare());
    }

    /** Returns when every message is durable, as sample, part or dead letter, and the devices were told. */
    void store(List<Message<byte[]>> messages) {
        Instant started = Instant.now();
        List<Arrival> arrivals = messages.stream().map(this::read).toList();
        List<DeadLetter> letters = new ArrayList<>();
        List<Whole> whole = new ArrayList<>();
        List<Arrival.Part> pieces = new ArrayList<>();
        Map<String, Sender> senders = senders(arrivals);
        for (Arrival arrival : arrivals) {
            if (arrival instanceof Arrival.Unreadable unreadable) {
                letters.add(unreadable.letter());
            } else if (arrival instanceof Arrival.Part part) {
                Optional<String> fault = fault(part, senders);
                if (fault.isPresent()) {
                    letters.add(letter(part, fault.get()));
                } else if (part.part().getParts() > 1) {
                    pieces.add(part);
                } else {
                    check(part, whole, letters);
                }
            }
        }
        Outcome outcome = new Outcome(started);
        storeWhole(whole, letters, outcome);
        pieces.forEach(part -> storePart(part, outcome));
        letters.forEach(outcome::deadLettered);
        await(acks.send(outcome.entries));
        outcome.fire();
    }

    /** Gives up images whose parts never all came. */
    void expireParts() {
        int expired = await(Patience.untilDatabaseAnswers(store.expireParts(settings.partExpiry())));
        if (expired > 0) {
            LOG.infof("%d parts of images never completed have expired", expired);
        }
    }

    private Arrival read(Message<byte[]> message) {
        return reader.read(SentTopic.of(message), message.getPayload());
    }

    private Map<String, Sender> senders(List<Arrival> arrivals) {
        List<String> devices = arrivals.stream()
                .filter(Arrival.Part.class::isInstance)
                .map(a -> ((Arrival.Part) a).device())
                .distinct()
                .toList();
        return devices.isEmpty() ? Map.of() : await(Patience.untilDatabaseAnswers(store.senders(devices)));
    }

    private static Optional<String> fault(Arrival.Part arrival, Map<String, Sender> senders) {
        Sender sender = senders.get(arrival.device());
        if (sender == null) {
            return Optional.of("unknown device " + arrival.device() + "; put it into a cohort by PUT"
                    + " /api/v1/cohorts/{cohort}/devices/" + arrival.device());
        }
        return sender.fault(arrival.part().getInfo());
    }

    /** An image that came in one part. */
    private record Whole(Arrival.Part arrival, ReceivedImage image) {}

    private static void check(Arrival.Part arrival, List<Whole> whole, List<DeadLetter> letters) {
        ReceivedImage image = ReceivedImage.check(arrival.part().getData().toByteArray(), arrival.part());
        image.fault()
                .ifPresentOrElse(
                        fault -> letters.add(letter(arrival, fault)), () -> whole.add(new Whole(arrival, image)));
    }

    private void storeWhole(List<Whole> whole, List<DeadLetter> letters, Outcome outcome) {
        List<NewSample> samples = new ArrayList<>();
        if (!whole.isEmpty()) {
            await(Uni.join()
                            .all(whole.stream()
                                    .map(w -> durable(w.arrival(), w.image()))
                                    .toList())
                            .andFailFast())
                    .forEach(samples::add);
        }
        if (samples.isEmpty() && letters.isEmpty()) {
            return;
        }
        List<Boolean> isNew = await(Patience.untilDatabaseAnswers(store.insert(samples, letters)));
        for (int i = 0; i < samples.size(); i++) {
            outcome.durable(samples.get(i).device(), samples.get(i).part(), isNew.get(i));
        }
    }

    private void storePart(Arrival.Part arrival, Outcome outcome) {
        PartState state = await(Patience.untilDatabaseAnswers(store.add(arrival.device(), arrival.part())));
        if (state instanceof PartState.Joined) {
            outcome.durable(arrival.device(), arrival.part(), false);
        } else if (state instanceof PartState.Complete complete) {
            ReceivedImage image = ReceivedImage.check(complete.image(), arrival.part());
            if (image.fault().isPresent()) {
                DeadLetter letter = letter(arrival, image.fault().get());
                await(Patience.untilDatabaseAnswers(
                        store.giveUp(arrival.device(), arrival.part().getSampleId(), letter)));
                outcome.deadLettered(letter);
            } else {
                NewSample sample = await(durable(arrival, image));
                boolean isNew = await(Patience.untilDatabaseAnswers(store.join(sample)));
                outcome.durable(arrival.device(), arrival.part(), isNew);
            }
        }
    }

    private Uni<NewSample> durable(Arrival.Part arrival, ReceivedImage image) {
        SamplePart part = arrival.part();
        return artefacts
                .put(image.bytes())
                .onFailure(UncheckedIOException.class)
                .invoke(e -> LOG.warnf("image cannot be written, trying again: %s", e.getMessage()))
                .onFailure(UncheckedIOException.class)
                .retry()
                .withBackOff(Duration.ofMillis(200), Duration.ofSeconds(10))
                .indefinitely()
                .map(artefact -> new NewSample(
                        arrival.device(),
                        part,
                        image,
                        artefact.digest(),
                        heldBack.holds(part.getSampleId(), part.getInfo().getReason())));
    }

    private static DeadLetter letter(Arrival.Part arrival, String reason) {
        return new DeadLetter(
                arrival.topic(),
                Optional.of(arrival.device()),
                Optional.of(arrival.part().getSampleId()),
                reason,
                arrival.payload());
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().indefinitely();
    }

    /** What is to be told after the batch. */
    private final class Outcome {
        private record Loop(String cohort, String model) {}

        private final Map<String, List<SampleAck.Entry>> entries = new HashMap<>();
        private final Map<Loop, Integer> arrivals = new HashMap<>();
        private final Instant started;

        Outcome(Instant started) {
            this.started = started;
        }

        void durable(String device, SamplePart part, boolean isNew) {
            add(
                    device,
                    SampleAck.Entry.newBuilder()
                            .setSampleId(part.getSampleId())
                            .setOutcome(SampleAck.Outcome.DURABLE)
                            .build());
            if (isNew) {
                SampleInfo info = part.getInfo();
                meters.stored(part.getTotalBytes(), info.getCapturedMs());
                TraceParent.start(tracing.tracer(), info.getTraceParent(), "ingest", SpanKind.CONSUMER, started)
                        .setAttribute("cema.sample", part.getSampleId())
                        .setAttribute("cema.device", device)
                        .end();
                arrivals.merge(new Loop(info.getCohort(), info.getModelDigest()), 1, Integer::sum);
            } else {
                meters.duplicate();
            }
        }

        void deadLettered(DeadLetter letter) {
            meters.deadLettered();
            LOG.warnf("dead letter on %s: %s", letter.topic(), letter.reason());
            if (letter.device().isPresent() && letter.sampleId().isPresent()) {
                add(
                        letter.device().get(),
                        SampleAck.Entry.newBuilder()
                                .setSampleId(letter.sampleId().get())
                                .setOutcome(SampleAck.Outcome.DEAD_LETTERED)
                                .setReason(letter.reason())
                                .build());
            }
        }

        private void add(String device, SampleAck.Entry entry) {
            entries.computeIfAbsent(device, ignored -> new ArrayList<>()).add(entry);
        }

        void fire() {
            arrivals.forEach(
                    (loop, count) -> arrived.fire(new SamplesArrived(tenant, loop.cohort(), loop.model(), count)));
        }
    }
}
