package io.cema.cloud.adaptation.torch;

import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.image.Image;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/** Tells what the edge would answer under an adaptation, and what its teacher thinks of it. Leaves the models as they are. */
final class Examiner {
    /** Fewer images than this give batch statistics too noisy to normalise by. */
    private static final int FEWEST_FOR_OWN_STATISTICS = 8;

    private final Learner student;
    private final Learner teacher;

    Examiner(Learner student, Learner teacher) {
        this.student = student;
        this.teacher = teacher;
    }

    /** See {@link Distiller#evaluate(List, List, Optional)}. */
    List<Evaluation> evaluate(List<Image> images, List<Adaptation> adaptations, Optional<Mixture> mixture) {
        Looks looks = new Looks(student.manifest(), images);
        int[] domains = mixture.map(m -> looks.chosen(m.adaptation())).orElseGet(() -> new int[images.size()]);
        int[] adapted = Logits.argmax(apart(images, domains, (domain, own) -> mixture.map(
                        m -> teacher.in(m.domains().get(domain).teacher(), () -> teacher.logits(own, NormMode.TARGET)))
                .orElseGet(() -> teacher.logits(own, NormMode.TARGET))));
        int[] frozen = Logits.argmax(apart(images, domains, (domain, own) -> frozen(own)));
        List<Evaluation> evaluations = new ArrayList<>(adaptations.size());
        for (Adaptation adaptation : adaptations) {
            adaptation.requireMatches(student.manifest().layers());
            float[][] logits = apart(
                    images,
                    looks.chosen(adaptation),
                    (expert, own) -> student.under(
                            adaptation.experts().get(expert).affine(), () -> student.logits(own, NormMode.TARGET)));
            evaluations.add(new Evaluation(
                    student.manifest().classes(), Logits.argmax(logits), adapted, frozen, Logits.entropies(logits)));
        }
        return evaluations;
    }

    /** See {@link Distiller#saturation}. */
    Saturation saturation(List<Image> images, Adaptation adaptation) {
        adaptation.requireMatches(student.manifest().layers());
        SaturationCount count = new SaturationCount(student.model().source());
        if (count.observers().isEmpty()) {
            return Saturation.NONE;
        }
        int[] chosen = new Looks(student.manifest(), images).chosen(adaptation);
        new Groups(chosen).forEach((expert, members) -> {
            List<Image> own = IntStream.of(members).mapToObj(images::get).toList();
            student.under(adaptation.experts().get(expert).affine(), () -> {
                student.observe(own, NormMode.TARGET, count.observers());
                return null;
            });
        });
        return count.worst();
    }

    /** The source weights; batch statistics of these very images unless there are too few. */
    private float[][] frozen(List<Image> images) {
        NormMode mode = images.size() < FEWEST_FOR_OWN_STATISTICS ? NormMode.SOURCE : NormMode.BATCH;
        return teacher.asSource(() -> teacher.logits(images, mode));
    }

    /** Logits of images that are to be run in groups. */
    private static float[][] apart(
            List<Image> images, int[] groups, BiFunction<Integer, List<Image>, float[][]> logitsOf) {
        float[][] logits = new float[images.size()][];
        new Groups(groups).forEach((group, members) -> {
            float[][] rows = logitsOf.apply(
                    group, IntStream.of(members).mapToObj(images::get).toList());
            for (int i = 0; i < members.length; i++) {
                logits[members[i]] = rows[i];
            }
        });
        return logits;
    }
}
