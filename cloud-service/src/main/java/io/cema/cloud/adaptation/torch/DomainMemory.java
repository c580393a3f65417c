package io.cema.cloud.adaptation.torch;

import io.cema.protocol.image.ChangeCaution;
import io.cema.protocol.image.ContentCaution;
import io.cema.protocol.image.FeatureSummary;
import io.cema.protocol.image.ImageFeatures;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The domain of the present and those left behind: how each looks, and the state of the models when it was left. Night
 * comes back every evening, and need not be learnt again. One thread.
 */
final class DomainMemory {
    private static final List<Visit> FROM_THE_BEGINNING = List.of(Visit.since(0));
    /** Older ones are forgotten. */
    private static final int VISITS = 4;
    /** Unfiltered uploads: weather and light last longer; what is over before was a change of contents. */
    private static final int SHORT_LIVED = 88;
    /** Batches that are not settled to be the present domain's. */
    private static final int RECENT = 2;

    private final Calibration settings;
    /** Oldest first. */
    private final List<Remembered> remembered = new ArrayList<>();

    /** Without the batches of {@link #recent}, which may turn out to be another domain's. */
    private FeatureSummary present = FeatureSummary.empty();

    private final Deque<Batch> recent = new ArrayDeque<>();
    /** When the present domain was here, oldest first; the last visit lasts. */
    private List<Visit> visits = FROM_THE_BEGINNING;
    /** What was published for the present domain. */
    private Served served = Served.REGISTERED;

    private int calibratedOn;
    private ChangeCaution caution = new ChangeCaution(SHORT_LIVED);

    /**
     * Unfiltered images that came together.
     *
     * @param counts predictions per class among them, length C
     * @param ordinal of the first of them
     */
    record Batch(FeatureSummary look, int[] counts, long ordinal) {
        /** Of this one and those after it. */
        Batch plus(Batch later) {
            int[] sums = counts.clone();
            for (int c = 0; c < sums.length; c++) {
                sums[c] += later.counts[c];
            }
            return new Batch(look.plus(later.look), sums, ordinal);
        }
    }

    private record Remembered(FeatureSummary look, List<Visit> visits, Served served, int calibratedOn, byte[] state) {}

    /**
     * What became of the domain.
     *
     * @param recalled state of the models to put back, for {@link DomainChange#RECALLED}
     */
    record Step(DomainChange change, Optional<byte[]> recalled) {}

    DomainMemory(Calibration settings) {
        this.settings = settings;
    }

    /**
     * Of another domain if the newest batch, or it and the ones just before it together, lie far from those before: what
     * one batch leaves in doubt two may settle.
     *
     * @param sameMixture whether its images and those before are of one mixture of domains, asked if it lies far from them
     * @param state of the models as they are, asked for if the domain is left
     */
    Step see(Batch newest, BooleanSupplier sameMixture, Supplier<byte[]> state) {
        recent.addLast(newest);
        Optional<Batch> other = other();
        if (other.isEmpty() || sameMixture.getAsBoolean()) {
            caution.lasted(newest.look().count());
            while (recent.size() > (present.count() == 0 ? 0 : RECENT)) {
                present = present.plus(recent.removeFirst().look());
            }
            return new Step(DomainChange.NONE, Optional.empty());
        }
        long ordinal = other.get().ordinal();
        recent.stream().filter(b -> b.ordinal() < ordinal).forEach(b -> present = present.plus(b.look()));
        return goOver(other.get(), nearest(other.get().look()), state);
    }

    /**
     * Devices know a domain again by fewer frames than come up here: what was published for one that was left brings it back, if
     * what they sent under it looks more like that domain than like the present one.
     *
     * @param version that most devices run now
     * @param since unfiltered images under that version
     * @param before unfiltered images that came before those and were not seen here yet
     * @return empty if it is not back
     */
    Optional<Step> seeBack(String version, Batch since, Optional<Batch> before, Supplier<byte[]> state) {
        FeatureSummary all = presentLook();
        return remembered.stream()
                .filter(domain -> domain.served().holds(version))
                .filter(domain -> all.count() > 0 && isNearer(domain.look(), all, since.look()))
                .findFirst()
                .map(domain -> {
                    present = before.map(batch -> all.plus(batch.look())).orElse(all);
                    return goOver(since, Optional.of(domain), state);
                });
    }

    private boolean isNearer(FeatureSummary known, FeatureSummary here, FeatureSummary look) {
        double distance = known.distance(look);
        return distance < here.distance(look)
                && distance <= settings.domainDistance() + 1.0 / known.count() + 1.0 / look.count();
    }

    private Step goOver(Batch newest, Optional<Remembered> known, Supplier<byte[]> state) {
        recent.clear();
        caution.changed(newest.look().count());
        known.ifPresent(remembered::remove);
        if (calibratedOn > 0 && settings.remembered() > 0) {
            remembered.add(new Remembered(present, ended(visits, newest.ordinal()), served, calibratedOn, state.get()));
            if (remembered.size() > settings.remembered()) {
                remembered.remove(0);
            }
        }
        present = known.map(k -> k.look().plus(newest.look())).orElse(newest.look());
        visits = newest(known.map(Remembered::visits).orElse(List.of()), Visit.since(newest.ordinal()));
        served = known.map(Remembered::served).orElse(Served.NOTHING);
        calibratedOn = known.map(Remembered::calibratedOn).orElse(0);
        return new Step(known.isPresent() ? DomainChange.RECALLED : DomainChange.NEW, known.map(Remembered::state));
    }

    /** What was published for the present domain. */
    Served served() {
        return served;
    }

    /** @param difference to the registered model, encoded */
    void published(String version, byte[] difference) {
        served = served.with(version, difference);
    }

    /** Whether that was published for a domain that was left. */
    boolean remembers(String version) {
        return remembered.stream().anyMatch(r -> r.served().holds(version));
    }

    /** The fewest of the newest batches that are of another domain, beyond what few images scatter. */
    private Optional<Batch> other() {
        if (present.count() == 0) {
            return Optional.empty();
        }
        Batch together = null;
        for (Iterator<Batch> newestFirst = recent.descendingIterator(); newestFirst.hasNext(); ) {
            Batch batch = newestFirst.next();
            together = together == null ? batch : batch.plus(together);
            double limit =
                    settings.domainDistance() * Math.max(caution.factor(), ContentCaution.factor(together.counts()))
                            + 1.0 / present.count()
                            + 1.0 / together.look().count();
            if (present.distance(together.look()) > limit) {
                return Optional.of(together);
            }
        }
        return Optional.empty();
    }

    private FeatureSummary presentLook() {
        FeatureSummary all = present;
        for (Batch batch : recent) {
            all = all.plus(batch.look());
        }
        return all;
    }

    private static List<Visit> ended(List<Visit> visits, long ordinal) {
        List<Visit> ended = new ArrayList<>(visits);
        ended.set(ended.size() - 1, ended.get(ended.size() - 1).endedAt(ordinal));
        return List.copyOf(ended);
    }

    private static List<Visit> newest(List<Visit> earlier, Visit now) {
        List<Visit> all = new ArrayList<>(earlier);
        all.add(now);
        return List.copyOf(all.subList(Math.max(0, all.size() - VISITS), all.size()));
    }

    private Optional<Remembered> nearest(FeatureSummary look) {
        Remembered best = null;
        double least = settings.recallDistance();
        for (Remembered candidate : remembered) {
            double distance = candidate.look().distance(look);
            if (distance <= least) {
                least = distance;
                best = candidate;
            }
        }
        return Optional.ofNullable(best);
    }

    Calibration settings() {
        return settings;
    }

    /** Images the present domain's statistics rest on. */
    int calibratedOn() {
        return calibratedOn;
    }

    void calibratedOn(int images) {
        calibratedOn = images;
    }

    /** When the present domain was here, oldest first; the last visit lasts. */
    List<Visit> visits() {
        return visits;
    }

    void clear() {
        remembered.clear();
        recent.clear();
        present = FeatureSummary.empty();
        visits = FROM_THE_BEGINNING;
        served = Served.REGISTERED;
        calibratedOn = 0;
        caution = new ChangeCaution(SHORT_LIVED);
    }

    void write(DataOutputStream out) throws IOException {
        out.writeInt(remembered.size());
        for (Remembered domain : remembered) {
            write(out, domain.look());
            write(out, domain.visits());
            domain.served().write(out);
            out.writeInt(domain.calibratedOn());
            out.writeInt(domain.state().length);
            out.write(domain.state());
        }
        write(out, presentLook());
        write(out, visits);
        served.write(out);
        out.writeInt(calibratedOn);
        out.writeLong(caution.age());
        out.writeDouble(caution.factor());
    }

    /** What {@link #write} wrote; nothing changes until {@link #accept}. */
    static DomainMemory read(DataInputStream in, Calibration settings) throws IOException {
        DomainMemory memory = new DomainMemory(settings);
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            FeatureSummary look = readLook(in);
            List<Visit> visits = readVisits(in);
            Served served = Served.read(in);
            int images = in.readInt();
            int length = in.readInt();
            if (length < 0 || length > in.available()) {
                throw new IOException("state of a remembered domain of " + length + " bytes");
            }
            memory.remembered.add(new Remembered(look, visits, served, images, in.readNBytes(length)));
        }
        memory.present = readLook(in);
        memory.visits = readVisits(in);
        memory.served = Served.read(in);
        memory.calibratedOn = in.readInt();
        memory.caution = new ChangeCaution(SHORT_LIVED, in.readLong(), in.readDouble());
        return memory;
    }

    void accept(DomainMemory other) {
        remembered.clear();
        remembered.addAll(other.remembered);
        recent.clear();
        present = other.present;
        visits = other.visits;
        served = other.served;
        calibratedOn = other.calibratedOn;
        caution = other.caution;
    }

    private static void write(DataOutputStream out, FeatureSummary look) throws IOException {
        out.writeLong(look.count());
        for (int i = 0; i < ImageFeatures.COUNT; i++) {
            out.writeDouble(look.mean()[i]);
            out.writeDouble(look.variance()[i]);
        }
    }

    private static void write(DataOutputStream out, List<Visit> visits) throws IOException {
        out.writeInt(visits.size());
        for (Visit visit : visits) {
            out.writeLong(visit.from());
            out.writeLong(visit.to());
        }
    }

    private static List<Visit> readVisits(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 1 || count > VISITS) {
            throw new IOException("a domain of " + count + " visits");
        }
        List<Visit> visits = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            visits.add(new Visit(in.readLong(), in.readLong()));
        }
        return List.copyOf(visits);
    }

    private static FeatureSummary readLook(DataInputStream in) throws IOException {
        long count = in.readLong();
        double[] mean = new double[ImageFeatures.COUNT];
        double[] variance = new double[ImageFeatures.COUNT];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = in.readDouble();
            variance[i] = in.readDouble();
        }
        return new FeatureSummary(count, mean, variance);
    }
}
