package io.cema.cloud.adaptation.torch;

import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.adaptation.Expert;
import io.cema.protocol.adaptation.LookScore;
import io.cema.protocol.image.Image;
import io.cema.protocol.model.AffineParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;

/** Takes a mixture of domains apart and measures an expert for each. Leaves the models as they are. */
final class DomainExperts {
    /** Nats from the source beyond which a model behind the source's statistics fails. */
    private static final double FAR_FROM_SOURCE = 0.1;
    /** Nats by which an expert with all of the source's statistics is preferred to one with none: it does least harm. */
    private static final double FAVOUR = 10;

    private final Learner student;
    private final Learner teacher;
    private final Calibration calibration;
    private final SourcePrior priors;

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

    private Optional<Mixture> mixture(List<Image> images, SourceDistance measured) {
        if (calibration.experts() < 2 || images.size() < 2 * calibration.minimumImages()) {
            return Optional.empty();
        }
        List<int[]> parts = DomainParts.of(measured, calibration.experts());
        return parts.size() < 2 ? Optional.empty() : Optional.of(mixture(images, measured, parts));
    }

    private Mixture mixture(List<Image> images, SourceDistance measured, List<int[]> parts) {
        double ofStudent = student.model().prior();
        double ofTeacher = teacher.model().prior();
        List<AffineParameters> affines = new ArrayList<>();
        List<Mixture.Domain> domains = new ArrayList<>();
        List<List<double[]>> looks = new ArrayList<>();
        double[] favour = new double[parts.size()];
        try {
            for (int[] part : parts) {
                List<Image> own = IntStream.of(part).mapToObj(images::get).toList();
                double distance = measured.of(part);
                double prior = priors.ofPart(own, distance);
                favour[affines.size()] = FAVOUR * prior;
                student.model().prior(prior);
                teacher.model().prior(prior);
                double forgetting = SourcePrior.ofWhatIsLearnt(distance);
                try (PointerScope scope = new PointerScope()) {
                    NormState twin = student.calibrated(own, forgetting, TorchModel::snapshot);
                    affines.add(student.in(twin, () -> student.model().effectiveAffine(NormMode.TARGET)));
                    domains.add(new Mixture.Domain(
                            twin,
                            student.calibrated(own, 1, TorchModel::snapshot),
                            teacher.calibrated(own, forgetting, TorchModel::snapshot)));
                }
                looks.add(new Looks(student.manifest(), own).features());
            }
        } finally {
            student.model().prior(ofStudent);
            teacher.model().prior(ofTeacher);
        }
        List<LookScore> scores = LookDiscriminants.of(looks, favour);
        List<Expert> experts = IntStream.range(0, parts.size())
                .mapToObj(i -> new Expert(affines.get(i), Optional.of(scores.get(i))))
                .toList();
        return new Mixture(new Adaptation(experts), domains);
    }
}
