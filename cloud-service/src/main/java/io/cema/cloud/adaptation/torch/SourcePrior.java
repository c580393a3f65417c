package io.cema.cloud.adaptation.torch;

import io.cema.protocol.image.Image;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * How much of the source's statistics stays in those that are measured on a domain's images, and of the source's scales and
 * shifts in those that were learnt. The fewer classes the images are of, the more of the statistics, since those of few classes
 * are wrong ones; and the more of everything, the nearer the domain lies to what the models were trained on.
 *
 * <p>How many classes there are the foundation model tells, behind nearly the source's statistics and behind the usual ones. It
 * is misled behind both: where it is lost in the domain it sees few classes behind the source's, and behind statistics of one
 * class it sees many.
 */
final class SourcePrior {
    /** Nats from the source at which a domain keeps half of the source's statistics that one far away would lose. */
    private static final double NEAR = 0.03;
    /** The same for a part of a mixture: some frames go to the wrong expert, mostly to this one of all. */
    private static final double NEAR_IN_A_MIXTURE = 0.05;
    /** So much further it is for images of one class, whose statistics are wrong ones. */
    private static final double NEAR_OF_ONE_CLASS = 0.1;
    /** Nats from the source at which a part of a mixture keeps half of the source's scales and shifts. */
    private static final double NEAR_OF_WHAT_IS_LEARNT = 0.035;
    /** More images than this tell little more. */
    private static final int ENOUGH_IMAGES = 64;

    private final Learner teacher;
    private final Calibration calibration;

    /** @param teacher with calibration on; its own share of the source's statistics is changed by asking */
    SourcePrior(Learner teacher, Calibration calibration) {
        this.teacher = teacher;
        this.calibration = calibration;
    }

    /** @return share of the source's statistics for a domain, 0 to 1 */
    double of(List<Image> images) {
        List<Image> some = spread(images);
        double variety = variety(some);
        double near = SourceDistance.of(teacher, some)
                .map(measured -> nearness(measured.ofAll(), NEAR + NEAR_OF_ONE_CLASS * (1 - variety)))
                .orElse(0.0);
        return share(variety, near);
    }

    /**
     * @param images of one part of a mixture
     * @param distance from the source, nats
     * @return share of the source's statistics for them, 0 to 1
     */
    double ofPart(List<Image> images, double distance) {
        double variety = variety(spread(images));
        return share(variety, nearness(distance, NEAR_IN_A_MIXTURE + NEAR_OF_ONE_CLASS * (1 - variety)));
    }

    /**
     * Share of the source's scales and shifts for a part of a mixture: what is learnt on all parts together serves those in
     * need at the cost of those that need nothing.
     *
     * @param distance from the source, nats
     */
    static double ofWhatIsLearnt(double distance) {
        return nearness(distance, NEAR_OF_WHAT_IS_LEARNT);
    }

    private double share(double variety, double nearness) {
        return 1 - variety * (1 - nearness) * (1 - calibration.prior());
    }

    /** 1 at the source, a half at some distance, nats. */
    private static double nearness(double distance, double half) {
        return half == 0 ? 0 : half * half / (distance * distance + half * half);
    }

    /** As many classes of equal share would have the entropy of the mean prediction, as a share of all classes. */
    private double variety(List<Image> images) {
        try (PointerScope scope = new PointerScope()) {
            Tensor input = teacher.input(images);
            return Math.sqrt(variety(teacher.behindPrior(input, calibration.cautiousPrior()))
                    * variety(teacher.behindPrior(input, calibration.prior())));
        }
    }

    private static double variety(double[][] softmax) {
        return Math.exp(Logits.entropyOfMean(softmax)) / softmax[0].length;
    }

    /** From all over. */
    private static List<Image> spread(List<Image> images) {
        int count = Math.min(images.size(), ENOUGH_IMAGES);
        return IntStream.range(0, count)
                .mapToObj(i -> images.get((int) ((long) i * images.size() / count)))
                .toList();
    }
}
