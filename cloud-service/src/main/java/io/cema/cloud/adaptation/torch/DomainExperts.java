package io.cema.cloud.adaptation.torch;

import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.adaptation.Expert;
import io.cema.protocol.adaptation.LookScore;
import io.cema.protocol.image.Image;
import io.cema.protocol.model.AffineParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;

/** Takes a mixture of domains apart and measures an expert for each. Leaves the models as they are. */
final class DomainExperts {
    /** Nats from the source beyond which a model behind the source's statistics fails. */
    private static final double FAR_FROM_SOURCE = 0.1;
    /** Nats by which an expert with all of the source's statistics is preferred to one with none: it does least harm. */
    private static final double FAVOUR = 10;
    /** Share of what parts say of an image that its class says too from which they are contents of one domain. */
    private static final double CONTENTS = 0.5;

    /** Images; more, of many devices that report at once, tell little more of what they are of. */
    private static final int ENOUGH_TO_TELL = 64;

    /** Classes of even share; a model that is lost sees fewer: it takes all for one. */
    private static final double SEVERAL = 2;

    private final Learner student;
    private final Learner teacher;
    private final Calibration calibration;
    private final SourcePrior priors;

    /**
     * One part of the images.
     *
     * @param indices of its images among all
     * @param distance from the source, nats
     * @param prior share of the source's statistics
     * @param teacher as it is measured on them
     */
    private record Part(int[] indices, List<Image> images, double distance, double prior, NormState teacher) {
        double forgetting() {
            return SourcePrior.ofWhatIsLearnt(distance);
        }
    }

    /** @param calibration on */
    DomainExperts(Learner student, Learner teacher, Calibration calibration) {
        this.student = student;
        this.teacher = teacher;
        this.calibration = calibration;
        this.priors = new SourcePrior(teacher, calibration);
    }

    /** @param unfiltered images of the present */
    Surroundings of(List<Image> unfiltered) {
        return SourceDistance.of(teacher, unfiltered)
                .map(measured -> new Surroundings(measured.ofAll() > FAR_FROM_SOURCE, mixture(unfiltered, measured)))
                .orElse(Surroundings.UNKNOWN);
    }

    /**
     * Whether images are of the same mixture as those before them: at least two domains have some of either. Where a domain was
     * left for another, that one has none of the older.
     *
     * @param older oldest first, as the newer ones are; the last of each are looked at
     */
    boolean sameMixture(List<Image> older, List<Image> newer) {
        if (calibration.experts() < 2 || older.isEmpty()) {
            return false;
        }
        List<Image> before = last(older);
        List<Image> all = new ArrayList<>(before);
        all.addAll(last(newer));
        return SourceDistance.of(teacher, all)
                .map(measured -> keepingPriors(() -> domains(all, measured).stream()
                                .filter(part -> DomainParts.common(part.indices(), before.size()))
                                .count()
                        > 1))
                .orElse(false);
    }

    private static List<Image> last(List<Image> images) {
        return images.subList(Math.max(0, images.size() - ENOUGH_TO_TELL), images.size());
    }

    private Optional<Mixture> mixture(List<Image> images, SourceDistance measured) {
        if (calibration.experts() < 2 || images.size() < 2 * calibration.minimumImages()) {
            return Optional.empty();
        }
        return keepingPriors(() -> {
            List<Part> domains = domains(images, measured);
            return domains.isEmpty() ? Optional.empty() : Optional.of(mixture(domains));
        });
    }

    /** The parts of a mixture; none if the images are of one domain. */
    private List<Part> domains(List<Image> images, SourceDistance measured) {
        List<int[]> indices = DomainParts.of(measured, calibration.experts());
        if (indices.size() < 2) {
            return List.of();
        }
        List<Part> parts = indices.stream()
                .map(part -> part(part, images, measured.of(part)))
                .toList();
        return contentsOfOneDomain(parts) ? List.of() : parts;
    }

    /** What each part shows tells it from the others, and no part looks as if the foundation model were lost in it. */
    private boolean contentsOfOneDomain(List<Part> parts) {
        int classes = teacher.manifest().classes();
        List<int[]> seen = parts.stream().map(this::classes).toList();
        return seen.stream().allMatch(of -> evenClasses(of) >= SEVERAL)
                && AdjustedInformation.of(seen, classes) >= CONTENTS;
    }

    /** As many classes of equal share would have the entropy of these. */
    private static double evenClasses(int[] seen) {
        return Math.exp(
                IntStream.of(seen)
                        .boxed()
                        .collect(Collectors.groupingBy(c -> c, Collectors.counting()))
                        .values()
                        .stream()
                        .mapToDouble(count -> (double) count / seen.length)
                        .map(share -> -share * Math.log(share))
                        .sum());
    }

    private Part part(int[] indices, List<Image> all, double distance) {
        List<Image> images = IntStream.of(indices).mapToObj(all::get).toList();
        double prior = priors.ofPart(images, distance);
        teacher.model().prior(prior);
        try (PointerScope scope = new PointerScope()) {
            NormState state = teacher.calibrated(images, SourcePrior.ofWhatIsLearnt(distance), TorchModel::snapshot);
            return new Part(indices, images, distance, prior, state);
        }
    }

    /** What the foundation model sees in a part's images behind that part's statistics. */
    private int[] classes(Part part) {
        return teacher.in(part.teacher(), () -> Logits.argmax(teacher.logits(part.images(), NormMode.TARGET)));
    }

    private Mixture mixture(List<Part> parts) {
        List<AffineParameters> affines = new ArrayList<>();
        List<Mixture.Domain> domains = new ArrayList<>();
        List<List<double[]>> looks = new ArrayList<>();
        double[] favour = new double[parts.size()];
        for (Part part : parts) {
            favour[affines.size()] = FAVOUR * part.prior();
            student.model().prior(part.prior());
            try (PointerScope scope = new PointerScope()) {
                NormState twin = student.calibrated(part.images(), part.forgetting(), TorchModel::snapshot);
                affines.add(student.in(twin, () -> student.model().effectiveAffine(NormMode.TARGET)));
                domains.add(new Mixture.Domain(
                        twin, student.calibrated(part.images(), 1, TorchModel::snapshot), part.teacher()));
            }
            looks.add(new Looks(student.manifest(), part.images()).features());
        }
        List<LookScore> scores = LookDiscriminants.of(looks, favour);
        List<Expert> experts = IntStream.range(0, parts.size())
                .mapToObj(i -> new Expert(affines.get(i), Optional.of(scores.get(i))))
                .toList();
        return new Mixture(new Adaptation(experts), domains);
    }

    private <T> T keepingPriors(Supplier<T> work) {
        double ofStudent = student.model().prior();
        double ofTeacher = teacher.model().prior();
        try {
            return work.get();
        } finally {
            student.model().prior(ofStudent);
            teacher.model().prior(ofTeacher);
        }
    }
}
