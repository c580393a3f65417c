package io.cema.cloud.adaptation.torch;

import org.bytedeco.pytorch.Tensor;

/** What a learning step runs of both models, behind the statistics of the images' domains. Inputs are each model's own. */
interface LearningPasses {
    /**
     * The foundation model, for learning.
     *
     * @param input of all images
     * @param from the first of them that is run
     * @param count so many
     * @return logits with gradient
     */
    Tensor foundation(Tensor input, int from, int count);

    /** The foundation model, for teaching; logits without gradient. */
    Tensor teacher(Tensor input);

    /** The twin before it learnt; logits without gradient. */
    Tensor unlearnt(Tensor input);

    /** The twin, for learning; logits with gradient. */
    Tensor twin(Tensor input);

    /** One domain: each batch behind its own statistics, blended with the source's as {@link Learner#calibrate} does. */
    record OfOneDomain(Learner student, Learner foundation) implements LearningPasses {
        @Override
        public Tensor foundation(Tensor input, int from, int count) {
            return foundation.learnBlended(input.narrow(0, from, count));
        }

        @Override
        public Tensor teacher(Tensor input) {
            return foundation.logits(input, NormMode.TARGET);
        }

        @Override
        public Tensor unlearnt(Tensor input) {
            return student.unlearntLogits(input);
        }

        @Override
        public Tensor twin(Tensor input) {
            return student.learnBlended(input);
        }
    }

    /**
     * A mixture: each image behind the statistics of its domain. A batch has few images of each, but statistics were
     * measured on more.
     *
     * @param domains of each image
     */
    record OfMixture(Learner student, Learner foundation, Mixture mixture, Groups domains) implements LearningPasses {
        @Override
        public Tensor foundation(Tensor input, int from, int count) {
            return domains.of(from, count)
                    .run(
                            input.narrow(0, from, count),
                            (domain, own) ->
                                    foundation.learnBehind(own, state(domain).teacher()));
        }

        @Override
        public Tensor teacher(Tensor input) {
            return domains.run(
                    input,
                    (domain, own) ->
                            foundation.in(state(domain).teacher(), () -> foundation.logits(own, NormMode.TARGET)));
        }

        @Override
        public Tensor unlearnt(Tensor input) {
            return domains.run(
                    input,
                    (domain, own) -> student.in(state(domain).unlearnt(), () -> student.logits(own, NormMode.TARGET)));
        }

        @Override
        public Tensor twin(Tensor input) {
            return domains.run(
                    input,
                    (domain, own) -> student.learnBehind(own, state(domain).twin()));
        }

        private Mixture.Domain state(int domain) {
            return mixture.domains().get(domain);
        }
    }
}
