package io.cema.cloud.adaptation.torch;

import io.cema.protocol.image.FeatureSummary;
import io.cema.protocol.image.ImageFeatures;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The domain of the present and those left behind: how each looks, and the state of the models when it was left. Night
 * comes back every evening, and need not be learnt again. One thread.
 */
final class DomainMemory {
    private final Calibration settings;
    /** Oldest first. */
    private final List<Remembered> remembered = new ArrayList<>();

    private FeatureSummary present = FeatureSummary.empty();
    private int calibratedOn;

    private record Remembered(FeatureSummary look, int calibratedOn, byte[] state) {}

    /**
     * What became of the domain.
     *
     * @param recalled state of the models to put back, for {@link DomainChange#RECALLED}
     */
    record Step(DomainChange change, Optional<byte[]> recalled) {}

    DomainMemory(Calibration settings) {
        this.settings = settings;
    }

    /** @param state of the models as they are, asked for if the domain is left */
    Step see(FeatureSummary look, Supplier<byte[]> state) {
        if (present.count() == 0 || present.distance(look) <= settings.domainDistance()) {
            present = present.plus(look);
            return new Step(DomainChange.NONE, Optional.empty());
        }
        Optional<Remembered> known = nearest(look);
        known.ifPresent(remembered::remove);
        if (calibratedOn > 0 && settings.remembered() > 0) {
            remembered.add(new Remembered(present, calibratedOn, state.get()));
            if (remembered.size() > settings.remembered()) {
                remembered.remove(0);
            }
        }
        present = known.map(k -> k.look().plus(look)).orElse(look);
        calibratedOn = known.map(Remembered::calibratedOn).orElse(0);
        return new Step(known.isPresent() ? DomainChange.RECALLED : DomainChange.NEW, known.map(Remembered::state));
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

    void clear() {
        remembered.clear();
        present = FeatureSummary.empty();
        calibratedOn = 0;
    }

    void write(DataOutputStream out) throws IOException {
        out.writeInt(remembered.size());
        for (Remembered domain : remembered) {
            write(out, domain.look());
            out.writeInt(domain.calibratedOn());
            out.writeInt(domain.state().length);
            out.write(domain.state());
        }
        write(out, present);
        out.writeInt(calibratedOn);
    }

    /** What {@link #write} wrote; nothing changes until {@link #accept}. */
    static DomainMemory read(DataInputStream in, Calibration settings) throws IOException {
        DomainMemory memory = new DomainMemory(settings);
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            FeatureSummary look = readLook(in);
            int images = in.readInt();
            int length = in.readInt();
            if (length < 0 || length > in.available()) {
                throw new IOException("state of a remembered domain of " + length + " bytes");
            }
            memory.remembered.add(new Remembered(look, images, in.readNBytes(length)));
        }
        memory.present = readLook(in);
        memory.calibratedOn = in.readInt();
        return memory;
    }

    void accept(DomainMemory other) {
        remembered.clear();
        remembered.addAll(other.remembered);
        present = other.present;
        calibratedOn = other.calibratedOn;
    }

    private static void write(DataOutputStream out, FeatureSummary look) throws IOException {
        out.writeLong(look.count());
        for (int i = 0; i < ImageFeatures.COUNT; i++) {
            out.writeDouble(look.mean()[i]);
            out.writeDouble(look.variance()[i]);
        }
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
