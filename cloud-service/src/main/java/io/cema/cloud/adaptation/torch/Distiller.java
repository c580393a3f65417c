package io.cema.cloud.adaptation.torch;

import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.adaptation.AdaptationCodec;
import io.cema.protocol.image.Image;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.model.NormLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Distils a foundation model into the normalisation layers of an edge model's twin, as in CEMA (Chen et al., ICLR 2024):
 * the foundation model minimises its own entropy on fresh images, then teaches the twin on fresh and stored ones.
 *
 * <p>Images come as they were taken and are preprocessed for each model. One thread at a time; owns both models' native
 * memory until {@link #close}.
 */
public final class Distiller implements AutoCloseable {
    /** Unfiltered images under the version of a domain left behind from which {@link #recognise} decides whether it is back. */
    public static final int FEWEST_BACK = DomainRecognition.FEWEST_BACK;

    private static final long STEPS_PER_GOOD_STATE = 16;
    /** With the prior, more images than this add little to the statistics. */
    private static final int ENOUGH_IMAGES = 64;
    /**
     * One model of the pair.
     *
     * @param onnx the artefact; owned by the record
     */
    public record Part(byte[] onnx, ModelManifest manifest) {}

    private final AdaptationSettings settings;
    private final Learner student;
    private final Learner teacher;
    private final AffineParameters base;
    private final double entropyMax;

    private final SourcePrior priors;
    private final DomainExperts experts;
    private final Examiner examiner;
    private final ShiftDetector shifts;
    private final DomainMemory domains;
    private final DomainRecognition recognition;

    private long steps;
    private byte[] good;

    private Distiller(AdaptationSettings settings, Learner student, Learner teacher) {
        this.settings = settings;
        this.student = student;
        this.teacher = teacher;
        this.base = student.model().effectiveAffine(NormMode.SOURCE);
        this.entropyMax = settings.entropyMax(student.manifest().classes());
        this.priors = new SourcePrior(teacher, settings.calibration());
        this.experts = new DomainExperts(student, teacher, settings.calibration());
        this.examiner = new Examiner(student, teacher);
        this.shifts = new ShiftDetector(settings.shiftThreshold(), settings.batch());
        this.domains = new DomainMemory(settings.calibration());
        this.recognition = new DomainRecognition(
                domains, experts, settings.calibration(), student.manifest().classes());
        this.good = checkpoint();
    }

    /**
     * Loads both models, unadapted.
     *
     * @throws IllegalArgumentException if the two differ in their number of classes
     * @throws io.cema.protocol.onnx.OnnxFormatException if a graph cannot be run
     */
    public static Distiller open(Part edge, Part foundation, AdaptationSettings settings, TorchSettings torch) {
        if (edge.manifest().classes() != foundation.manifest().classes()) {
            throw new IllegalArgumentException("edge model " + edge.manifest().name() + " has "
                    + edge.manifest().classes() + " classes, foundation model "
                    + foundation.manifest().name() + " has "
                    + foundation.manifest().classes());
        }
        Learner student = Learner.load(edge, settings.studentLearningRate(), settings, torch);
        try {
            return new Distiller(
                    settings, student, Learner.load(foundation, settings.foundationLearningRate(), settings, torch));
        } catch (RuntimeException e) {
            student.close();
            throw e;
        }
    }

    /** {@link #step(List, List, Optional)} on images of one domain. */
    public StepReport step(List<Image> fresh, List<Image> replayed) {
        return step(fresh, replayed, Optional.empty());
    }

    /**
     * One step.
     *
     * @param fresh images not seen before, oldest first, usually B; the foundation model learns on the newest B; may be
     *     empty: then it stays as it is
     * @param replayed stored images
     * @param mixture that all of them are of, if {@link #surroundings} told one
     * @throws DistillationException a value went NaN or infinite; the state is the last good one
     * @throws IllegalArgumentException if there are no images at all
     */
    public StepReport step(List<Image> fresh, List<Image> replayed, Optional<Mixture> mixture) {
        if (fresh.isEmpty() && replayed.isEmpty()) {
            throw new IllegalArgumentException("a step needs at least one image");
        }
        StepReport report;
        try (PointerScope scope = new PointerScope()) {
            report = settings.calibration().on() ? learnCalibrated(fresh, replayed, mixture) : learn(fresh, replayed);
        } catch (DistillationException e) {
            restore(good);
            throw e;
        }
        if (steps % STEPS_PER_GOOD_STATE == 0) {
            good = checkpoint();
        }
        return report;
    }

    private StepReport learn(List<Image> fresh, List<Image> replayed) {
        StopWatch watch = new StopWatch();
        double divergence = 0;
        boolean shifted = false;
        double foundationLoss = 0;
        List<Image> all = new ArrayList<>(fresh);
        all.addAll(replayed);
        Tensor studentInput = student.input(all);
        Tensor teacherInput = teacher.input(all);
        if (!fresh.isEmpty()) {
            // A backlog brings more than B at once: the newest stand for the present domain, at the cost of B.
            int newest = Math.min(fresh.size(), settings.batch());
            Tensor freshInput = teacherInput.narrow(0, fresh.size() - newest, newest);
            NormState before = teacher.model().snapshot();
            watch.rest();
            Tensor logits = teacher.learn(freshInput);
            divergence = teacher.divergence(before);
            shifted = shifts.isShift(divergence, newest);
            if (shifted) {
                teacher.model().restore(before);
                teacher.restartStatistics();
                student.restartStatistics();
                logits = teacher.learn(freshInput);
            }
            watch.foundationForward();
            foundationLoss = settle(logits);
            watch.foundationBackward();
        }
        watch.rest();
        if (shifted) {
            // What is stored belongs to the domain before.
            teacherInput = teacherInput.narrow(0, 0, fresh.size());
            studentInput = studentInput.narrow(0, 0, fresh.size());
        }
        Tensor target = teacher.logits(teacherInput, NormMode.TARGET);
        List<Integer> seen = classes(target, fresh.size());
        watch.teacherForward();
        Tensor logits = student.learn(studentInput);
        watch.studentForward();
        Losses.Distillation loss = teach(logits, target);
        watch.studentBackward();
        return new StepReport(
                steps,
                fresh.size(),
                shifted ? 0 : replayed.size(),
                foundationLoss,
                loss.entropy(),
                loss.divergence(),
                loss.label(),
                divergence,
                shifted,
                seen,
                watch.time());
    }

    /** One step of the foundation model down its own entropy; the loss before it. */
    private double settle(Tensor logits) {
        return teacher.descend(
                Losses.entropy(logits, entropyMax),
                "foundation model " + teacher.manifest().name());
    }

    /** One step of the twin towards the target, and of the count; the losses before it. */
    private Losses.Distillation teach(Tensor logits, Tensor target) {
        Losses.Distillation loss = Losses.distillation(logits, target, entropyMax, settings);
        student.descend(loss.total(), "twin of " + student.manifest().name());
        steps++;
        return loss;
    }

    /**
     * As {@link #learn}, but each batch goes behind its own statistics as {@link #calibrate} blends them, or those of a mixture
     * behind their domains'; the target statistics stay as they are until it is called again.
     */
    private StepReport learnCalibrated(List<Image> fresh, List<Image> replayed, Optional<Mixture> mixture) {
        StopWatch watch = new StopWatch();
        List<Image> all = new ArrayList<>(fresh);
        all.addAll(replayed);
        Tensor studentInput = student.input(all);
        Tensor teacherInput = teacher.input(all);
        LearningPasses passes = passes(all, mixture);
        double foundationLoss = 0;
        if (!fresh.isEmpty() && settings.foundationLearningRate() > 0) {
            int newest = Math.min(fresh.size(), settings.batch());
            watch.rest();
            Tensor logits = passes.foundation(teacherInput, fresh.size() - newest, newest);
            watch.foundationForward();
            foundationLoss = settle(logits);
            watch.foundationBackward();
        }
        watch.rest();
        Tensor target = passes.teacher(teacherInput);
        List<Integer> seen = classes(target, fresh.size());
        double own = settings.calibration().ownShare();
        if (own > 0) {
            // The twin before it learnt: an aim that moves with the learner leads nowhere.
            Tensor unlearnt = passes.unlearnt(studentInput);
            target = target.mul(new Scalar(1 - own)).add(unlearnt.mul(new Scalar(own)));
        }
        watch.teacherForward();
        Tensor logits = passes.twin(studentInput);
        watch.studentForward();
        Losses.Distillation loss = teach(logits, target);
        watch.studentBackward();
        return new StepReport(
                steps,
                fresh.size(),
                replayed.size(),
                foundationLoss,
                loss.entropy(),
                loss.divergence(),
                loss.label(),
                0,
                false,
                seen,
                watch.time());
    }

    private LearningPasses passes(List<Image> images, Optional<Mixture> mixture) {
        if (mixture.isEmpty()) {
            return new LearningPasses.OfOneDomain(student, teacher);
        }
        Groups domains = new Groups(
                new Looks(student.manifest(), images).chosen(mixture.get().adaptation()));
        return new LearningPasses.OfMixture(student, teacher, mixture.get(), domains);
    }

    /**
     * Looks whether unfiltered images are of the present domain; if not, goes over to a remembered one or begins a new
     * one, and remembers the one that was left. Nothing without calibration or with too few images.
     *
     * @param unfiltered oldest first; if a change fell among them, the newer half decides, or those under {@code run}, and {@link
     *     #visits} begins with it
     * @param run version that most devices run now, if it is one; that of a domain left behind brings it back
     * @param present unfiltered images that came before, asked for if these look otherwise: of a mixture some images have more of
     *     one part than others by chance
     */
    public DomainChange recognise(List<Unfiltered> unfiltered, Optional<String> run, Supplier<List<Image>> present) {
        Calibration calibration = settings.calibration();
        if (!calibration.on() || unfiltered.size() < calibration.minimumImages()) {
            return DomainChange.NONE;
        }
        DomainMemory.Step step = recognition.recognise(unfiltered, run, present, this::modelState);
        if (step.recalled().isPresent()) {
            Checkpoint.readModels(step.recalled().get(), student, teacher);
        } else if (step.change() == DomainChange.NEW) {
            student.reset();
            teacher.reset();
        }
        if (step.change() != DomainChange.NONE) {
            good = checkpoint();
        }
        return step.change();
    }

    /** Whether that was published for a domain left behind: who runs it went back there by itself, or is late. */
    public boolean remembers(String version) {
        return domains.remembers(version);
    }

    /** Whether an update was published for the present domain, now or when it was here before. */
    public boolean servedBefore() {
        return domains.served().byUpdate();
    }

    /** Whether that was published for the present domain. */
    public boolean serves(String version) {
        return domains.served().holds(version);
    }

    /** What was published last for the present domain, absolute. */
    public Adaptation served() {
        byte[] difference = domains.served().newest();
        return difference.length == 0
                ? Adaptation.of(base)
                : AdaptationCodec.decode(difference, layers()).plus(base);
    }

    /**
     * An update was published for the present domain.
     *
     * @param difference to {@link #base}, encoded
     */
    public void published(String version, byte[] difference) {
        domains.published(version, difference);
    }

    /** When the present domain was here, oldest first; the last visit lasts. */
    public List<Visit> visits() {
        return domains.visits();
    }

    private byte[] modelState() {
        return Checkpoint.writeModels(student, teacher);
    }

    /**
     * Measures the normalisation statistics of twin and teacher on unfiltered images of the present domain, behind what was
     * learnt so far. Nothing without calibration or with fewer images than {@link #imagesToCalibrate}.
     *
     * @return whether the statistics are new
     */
    public boolean calibrate(List<Image> unfiltered) {
        if (!measurable(unfiltered)) {
            return false;
        }
        double prior = priors.of(unfiltered);
        student.model().prior(prior);
        teacher.model().prior(prior);
        measure(unfiltered, student, teacher);
        return true;
    }

    /**
     * {@link #calibrate} of the twin alone: what it has learnt changes what its layers see, so call this after learning and
     * before {@link #candidate}.
     */
    public boolean calibrateTwin(List<Image> unfiltered) {
        if (!measurable(unfiltered)) {
            return false;
        }
        measure(unfiltered, student);
        return true;
    }

    private boolean measurable(List<Image> unfiltered) {
        return settings.calibration().on() && unfiltered.size() >= imagesToCalibrate();
    }

    private void measure(List<Image> unfiltered, Learner... learners) {
        try (PointerScope scope = new PointerScope()) {
            for (Learner learner : learners) {
                learner.calibrate(unfiltered);
            }
        }
        domains.calibratedOn(unfiltered.size());
        good = checkpoint();
    }

    /** Unfiltered images it takes to measure statistics that are not clearly worse than the present ones. */
    public int imagesToCalibrate() {
        return Math.max(settings.calibration().minimumImages(), Math.min(domains.calibratedOn(), ENOUGH_IMAGES));
    }

    /** Images the present statistics rest on, 0 if they are the source's. */
    public int calibratedOn() {
        return domains.calibratedOn();
    }

    /** Share of the source's statistics in the present ones. */
    public double prior() {
        return student.model().prior();
    }

    /** Steps made in this state's life. */
    public long steps() {
        return steps;
    }

    /** The registered edge model's own effective affine. */
    public AffineParameters base() {
        return base;
    }

    /** C, of both models. */
    public int classes() {
        return student.manifest().classes();
    }

    /** The edge model's normalisation layers. */
    public List<NormLayer> layers() {
        return student.manifest().layers();
    }

    /** The twin's effective affine with the target statistics: what the edge would run with. */
    public AffineParameters affine() {
        return student.model().effectiveAffine(NormMode.TARGET);
    }

    /** {@link #affine} as a difference to {@link #base}: what goes down. */
    public AffineParameters candidate() {
        return affine().minus(base);
    }

    /**
     * The twin goes on from what was sent.
     *
     * @param decoded difference to the base, as decoded from the link's bytes
     */
    public void adopt(AffineParameters decoded) {
        decoded.requireMatches(layers());
        decoded.requireFinite();
        student.model().adopt(base.plus(decoded));
        good = checkpoint();
    }

    /** The class the adapted teacher sees in each image. Changes nothing. */
    public List<Integer> teacherClasses(List<Image> images) {
        return IntStream.of(Logits.argmax(teacher.logits(images, NormMode.TARGET)))
                .boxed()
                .toList();
    }

    private static List<Integer> classes(Tensor logits, int first) {
        return first == 0
                ? List.of()
                : IntStream.of(Logits.argmax(Logits.toArrays(logits.narrow(0, 0, first))))
                        .boxed()
                        .toList();
    }

    /**
     * Tells where the present's images lie, and takes a mixture of domains apart: an expert for each, behind what was learnt so
     * far. Changes nothing. Without calibration nothing is told.
     *
     * @param unfiltered images of the present
     */
    public Surroundings surroundings(List<Image> unfiltered) {
        return settings.calibration().on() ? experts.of(unfiltered) : Surroundings.UNKNOWN;
    }

    /** {@link #evaluate(List, List, Optional)} of one affine, in one domain. */
    public Evaluation evaluate(List<Image> images, AffineParameters affine) {
        return evaluate(images, List.of(Adaptation.of(affine)), Optional.empty())
                .get(0);
    }

    /**
     * Predictions of the edge model under each adaptation (absolute), beside the adapted and the frozen teacher's. Changes
     * nothing.
     *
     * @param mixture that the images are of; the teachers are then asked about each domain by itself
     */
    public List<Evaluation> evaluate(List<Image> images, List<Adaptation> adaptations, Optional<Mixture> mixture) {
        return examiner.evaluate(images, adaptations, mixture);
    }

    /**
     * Of the edge model's quantised activations the one that most leaves its integers under an adaptation (absolute); {@link
     * Saturation#NONE} if there are none. Changes nothing.
     */
    public Saturation saturation(List<Image> images, Adaptation adaptation) {
        return examiner.saturation(images, adaptation);
    }

    /** Logits of the edge model under an affine (absolute), shape [images][classes]. Changes nothing. */
    public float[][] logits(List<Image> images, AffineParameters affine) {
        return student.under(affine, () -> student.logits(images, NormMode.TARGET));
    }

    /** Twin, teacher, optimisers and statistics; {@link #restore} of it makes the next step bit-equal. */
    public byte[] checkpoint() {
        return Checkpoint.write(steps, shifts.usual(), domains, student, teacher);
    }

    /** Whether a checkpoint was written by another version of this software, which kept other things: it cannot be restored. */
    public static boolean isOfAnotherVersion(byte[] checkpoint) {
        return Checkpoint.isOfAnotherVersion(checkpoint);
    }

    /** @throws IllegalArgumentException if the bytes are not a checkpoint of this pair */
    public void restore(byte[] checkpoint) {
        Checkpoint.Counters counters = Checkpoint.read(checkpoint, domains, student, teacher);
        steps = counters.steps();
        shifts.restore(counters.usualDivergence());
        good = checkpoint;
    }

    /** Back to the registered models, nothing learnt. */
    public void reset() {
        student.reset();
        teacher.reset();
        shifts.restore(0);
        domains.clear();
        steps = 0;
        good = checkpoint();
    }

    @Override
    public void close() {
        student.close();
        teacher.close();
    }
}
