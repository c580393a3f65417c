package io.cema.cloud.adaptation;

import io.cema.cloud.adaptation.torch.AdaptationSettings;
import io.cema.cloud.adaptation.torch.Calibration;
import io.cema.cloud.adaptation.torch.Distiller;
import io.cema.cloud.adaptation.torch.DomainChange;
import io.cema.cloud.adaptation.torch.Mixture;
import io.cema.cloud.adaptation.torch.Surroundings;
import io.cema.cloud.adaptation.torch.Unfiltered;
import io.cema.cloud.adaptation.torch.Visit;
import io.cema.protocol.image.Image;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The domain that a cohort's cameras are in: says when it changes, keeps its uploads, and has the distiller measure its
 * statistics on those that selection did not touch. One thread, the loop's.
 */
final class PresentDomain {
    private static final Logger LOG = Logger.getLogger(PresentDomain.class);
    /** Unfiltered uploads that wait for those of other devices, at most. */
    private static final int MOST_UNRECOGNISED = 512;

    /** Unfiltered uploads that tell what the domain's images are of. */
    private static final int ENOUGH_TO_TELL = 64;

    private final LoopKey key;
    private final Distiller distiller;
    private final AdaptationSettings settings;
    private final LoopImages images;
    private final Supplier<DeviceShare> share;
    private final ForwardTimer forward;

    private ReplayBuffer replay;
    private List<Visit> visits;
    /** Unfiltered uploads not looked at yet for a change of domain, oldest first. */
    private final List<LoadedSample> unrecognised = new ArrayList<>();
    /** Unfiltered uploads of this domain. */
    private final BalancedWindow unfiltered;

    /** What its images are of, as far as was looked. */
    private Optional<Mixture> mixture = Optional.empty();

    private int unfilteredSinceCalibration;
    private boolean learntSinceCalibration;

    /**
     * @param visits when it was here, as far as is known
     * @param share of each device at present
     * @param forward runs forward passes
     */
    PresentDomain(
            LoopKey key,
            Distiller distiller,
            AdaptationSettings settings,
            LoopImages images,
            ReplayBuffer replay,
            List<Visit> visits,
            Supplier<DeviceShare> share,
            ForwardTimer forward) {
        this.key = key;
        this.distiller = distiller;
        this.settings = settings;
        this.images = images;
        this.replay = replay;
        this.visits = visits;
        this.share = share;
        this.forward = forward;
        this.unfiltered = new BalancedWindow(distiller.classes());
    }

    /** When it was here, oldest first; the last visit lasts. */
    List<Visit> visits() {
        return visits;
    }

    /** First upload of the present visit. */
    long start() {
        return visits.get(visits.size() - 1).from();
    }

    // ---- its uploads

    /** Uploads of it that were learnt from and may still be. */
    List<StoredSample> uploads() {
        return replay.of(visits);
    }

    void keep(StoredSample upload) {
        replay.add(upload);
    }

    /** Images of so many of {@link #uploads}; of no device more than its share. */
    List<Image> draw(int count, SplittableRandom random) {
        return images.of(replay.draw(Math.max(0, count), visits, share.get(), random));
    }

    /** The replay was read anew. */
    void replay(ReplayBuffer read) {
        replay = read;
        unrecognised.clear();
        enter();
    }

    // ---- its changes

    /** Looks at the unfiltered ones among fresh uploads, as soon as there are enough. */
    DomainChange recognise(List<LoadedSample> fresh) {
        fresh.stream().filter(s -> s.stored().unfiltered()).forEach(unrecognised::add);
        if (unrecognised.size() > MOST_UNRECOGNISED) {
            unrecognised.subList(0, unrecognised.size() - MOST_UNRECOGNISED).clear();
        }
        Calibration calibration = settings.calibration();
        DeviceShare most = share.get();
        Optional<String> run = Senders.version(unrecognised());
        List<LoadedSample> undecided = undecided(run);
        List<LoadedSample> decidable =
                unrecognised.stream().filter(s -> !undecided.contains(s)).toList();
        List<LoadedSample> looked = most.choose(decidable, s -> s.stored().device(), decidable.size());
        if (looked.size() < calibration.minimumImages()) {
            return DomainChange.NONE;
        }
        DomainChange change = distiller.recognise(
                looked.stream()
                        .map(s -> new Unfiltered(
                                s.image(),
                                s.stored().predictedClass(),
                                s.stored().ordinal(),
                                s.stored().version()))
                        .toList(),
                run,
                () -> newest(ENOUGH_TO_TELL));
        if (change != DomainChange.NONE) {
            enter();
        }
        List<StoredSample> present = looked.stream()
                .map(LoadedSample::stored)
                .filter(s -> s.ordinal() >= start())
                .toList();
        present.forEach(s -> unfiltered.add(s, calibration.images(), most));
        unfilteredSinceCalibration += present.size();
        unrecognised.retainAll(undecided);
        return change;
    }

    /** Those under the version of a domain left behind that most devices run, while too few to tell whether it is back. */
    private List<LoadedSample> undecided(Optional<String> run) {
        Optional<String> known = run.filter(distiller::remembers);
        List<LoadedSample> back = unrecognised.stream()
                .filter(s -> known.equals(Optional.of(s.stored().version())))
                .toList();
        return back.size() < Distiller.FEWEST_BACK ? back : List.of();
    }

    private List<Image> newest(int most) {
        List<StoredSample> all = unfiltered.uploads();
        return images.of(all.subList(Math.max(0, all.size() - most), all.size()));
    }

    /** Unfiltered uploads not looked at yet for a change of domain: they are too few. */
    List<StoredSample> unrecognised() {
        return unrecognised.stream().map(LoadedSample::stored).toList();
    }

    /** Goes over to the distiller's domain. If it was here before, what it left in the replay counts. */
    void enter() {
        Calibration calibration = settings.calibration();
        if (calibration.on()) {
            visits = distiller.visits();
        }
        unfiltered.clear();
        List<StoredSample> before = new ArrayList<>(uploads());
        Collections.reverse(before);
        DeviceShare most = share.get();
        before.stream().filter(StoredSample::unfiltered).forEach(s -> unfiltered.add(s, calibration.images(), most));
        unfilteredSinceCalibration = 0;
        learntSinceCalibration = false;
        mixture = Optional.empty();
    }

    /** Another one begins with an upload. */
    void beginWith(long ordinal) {
        visits = List.of(Visit.since(ordinal));
    }

    // ---- its statistics

    /** The unfiltered uploads; from devices that send none, the newest uploads, a biased sample but the only one. */
    List<StoredSample> representative() {
        Calibration calibration = settings.calibration();
        if (unfiltered.uploads().size() >= calibration.minimumImages()) {
            return unfiltered.uploads();
        }
        List<StoredSample> all = uploads();
        return all.size() < settings.replayMinimum()
                ? List.of()
                : share.get().choose(all, StoredSample::device, calibration.images());
    }

    /** What is learnt takes effect with statistics measured behind it; without the images for them it would do harm. */
    boolean mayLearn() {
        return !settings.calibration().on() || representative().size() >= distiller.imagesToCalibrate();
    }

    void learnt() {
        learntSinceCalibration = true;
    }

    /** Measures the statistics anew once a quarter of their images would be new. */
    void calibrateOnNew() {
        if (4 * unfilteredSinceCalibration < unfiltered.uploads().size()) {
            return;
        }
        List<Image> measured = images.of(representative());
        if (forward.timed(() -> distiller.calibrate(measured))) {
            unfilteredSinceCalibration = 0;
            learntSinceCalibration = false;
            LOG.debugf(
                    "loop %s: statistics measured on %d images, with %.2f of the source's",
                    key, distiller.calibratedOn(), distiller.prior());
        }
    }

    /** Tells where its images lie, and whether they are a mixture; that stands until it is asked again. */
    Surroundings lookAround(List<Image> measured) {
        Surroundings around = forward.timed(() -> distiller.surroundings(measured));
        mixture = around.mixture();
        return around;
    }

    /** The mixture that its images are of; empty if they are of one domain, or none has looked yet. */
    Optional<Mixture> mixture() {
        return mixture;
    }

    /** Measures the twin's statistics anew if it has learnt since. */
    void calibrateBehindLearning(List<Image> measured) {
        if (!learntSinceCalibration) {
            return;
        }
        learntSinceCalibration = !forward.timed(() -> distiller.calibrateTwin(measured));
    }
}
