package io.cema.cloud.compression;

import io.cema.cloud.adaptation.torch.NormMode;
import io.cema.cloud.adaptation.torch.TensorData;
import io.cema.cloud.adaptation.torch.TorchModel;
import io.cema.cloud.compression.CompressionSettings.Distillation;
import io.cema.cloud.compression.CompressionSettings.Schedule;
import io.cema.protocol.image.Image;
import io.cema.protocol.onnx.OnnxModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.OptimizerParamGroupVector;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * One training stage: a student learns from a teacher on unlabelled images, by the teacher's softened probabilities, its
 * classes, and the late features both have (after GPUSQ-ViT, CVPR 2023). SGD with Nesterov momentum over all weights; after
 * each step the constraints (masks, ranges of weights) are put back. One thread.
 *
 * <p>On a drifted batch both normalise by the batch's own statistics: that is what adaptation will do, so the student learns
 * to say what the teacher says once both have adapted.
 */
final class DistillationStage {
    private static final double MOMENTUM = 0.9;
    private static final double WARM_UP = 0.05;

    private final String name;
    private final Distillation weights;
    private final TorchModel student;
    private final TorchModel teacher;
    private final List<String> features;
    private final NormMode mode;

    /**
     * @param features values that both models compute in the same shape
     * @param mode {@link NormMode#TRAIN} to let batch statistics follow, {@link NormMode#SOURCE} to keep them
     */
    DistillationStage(
            String name,
            Distillation weights,
            TorchModel student,
            TorchModel teacher,
            List<String> features,
            NormMode mode) {
        this.name = name;
        this.weights = weights;
        this.student = student;
        this.teacher = teacher;
        this.features = weights.feature() > 0 ? List.copyOf(features) : List.of();
        this.mode = mode;
    }

    /** What a weight must keep to. Arrays of the weight's length; null where it is free. */
    record Constraint(float[] mask, float[] limit) {}

    /**
     * Trains.
     *
     * @param constraints by name of the weight
     * @param progress share of the stage done, and its loss
     * @return the trained student
     * @throws CompressionException the loss is no number; carries the student at the beginning of the pass
     */
    OnnxModel run(
            TrainingImages images,
            Schedule schedule,
            int batch,
            Map<String, Constraint> constraints,
            BiConsumer<Double, String> progress) {
        List<Tensor> parameters = student.allParameters();
        List<Kept> kept = keep(constraints);
        try (Optimiser optimiser = new Optimiser(parameters)) {
            kept.forEach(Kept::enforce);
            OnnxModel good = student.toOnnx();
            int perPass = images.size() / batch;
            int steps = schedule.epochs() * perPass;
            double average = Double.NaN;
            for (int epoch = 0; epoch < schedule.epochs(); epoch++) {
                List<TrainingImages.Batch> batches = images.pass(epoch, batch);
                for (int i = 0; i < batches.size(); i++) {
                    int step = epoch * perPass + i;
                    double loss = step(optimiser, images, batches.get(i), rate(schedule, (double) step / steps));
                    if (!Double.isFinite(loss)) {
                        throw new CompressionException(
                                "stage " + name + ", pass " + (epoch + 1) + ", step " + (i + 1) + " of " + perPass
                                        + ": the loss is " + loss + "; lower the learning rate ("
                                        + schedule.learningRate()
                                        + "). The state before this pass is kept",
                                good);
                    }
                    kept.forEach(Kept::enforce);
                    average = step == 0 ? loss : 0.95 * average + 0.05 * loss;
                    progress.accept((step + 1.0) / steps, String.format("loss %.4f", average));
                }
                good = student.toOnnx();
            }
            return good;
        } finally {
            kept.forEach(Kept::close);
        }
    }

    private static double rate(Schedule schedule, double done) {
        return done < WARM_UP
                ? schedule.learningRate() * (0.1 + 0.9 * done / WARM_UP)
                : schedule.learningRate() * 0.5 * (1 + Math.cos(Math.PI * (done - WARM_UP) / (1 - WARM_UP)));
    }

    private double step(Optimiser optimiser, TrainingImages images, TrainingImages.Batch batch, double rate) {
        try (PointerScope scope = new PointerScope()) {
            List<Tensor> target;
            try (AutoGradMode off = new AutoGradMode(false)) {
                target = teacher.forward(
                        input(images, batch.images(), teacher.source()),
                        batch.drifted() ? NormMode.BATCH : NormMode.SOURCE,
                        features);
            }
            optimiser.begin(rate);
            List<Tensor> own = student.forward(
                    input(images, batch.images(), student.source()), batch.drifted() ? NormMode.BATCH : mode, features);
            Tensor loss = loss(own, target);
            double value = loss.item_float();
            if (Double.isFinite(value)) {
                loss.backward();
                optimiser.step();
            }
            return value;
        }
    }

    private static Tensor input(TrainingImages images, List<Image> batch, OnnxModel model) {
        return TensorData.of(images.input(batch, model), batch.size(), 3, model.height(), model.width());
    }

    private Tensor loss(List<Tensor> own, List<Tensor> target) {
        double sum = weights.hard() + weights.soft() + weights.feature();
        double t = weights.temperature();
        Tensor logits = own.get(0);
        Tensor hardTarget = target.get(0).argmax(new LongOptional(1), false);
        Tensor hard = torch.cross_entropy_loss(logits, hardTarget, new TensorOptional(), 1, -100, 0);
        Tensor student = logits.div(new Scalar(t)).log_softmax(1);
        Tensor softened = target.get(0).div(new Scalar(t)).log_softmax(1);
        Tensor soft = softened.exp().mul(softened.sub(student)).sum(1).mean().mul(new Scalar(t * t));
        Tensor total = hard.mul(new Scalar(weights.hard() / sum)).add(soft.mul(new Scalar(weights.soft() / sum)));
        for (int i = 1; i < own.size(); i++) {
            Tensor distance = own.get(i).sub(target.get(i)).square().mean();
            Tensor size = target.get(i).square().mean().add(new Scalar(1e-8));
            total = total.add(distance.div(size).mul(new Scalar(weights.feature() / sum / features.size())));
        }
        return total;
    }

    private List<Kept> keep(Map<String, Constraint> constraints) {
        Map<String, Tensor> tensors = student.weights();
        List<Kept> kept = new ArrayList<>();
        new HashMap<>(constraints).forEach((weight, constraint) -> {
            Tensor tensor = tensors.get(weight);
            if (tensor == null) {
                throw new IllegalArgumentException("the model has no trainable weight named " + weight);
            }
            kept.add(new Kept(tensor, constraint));
        });
        return kept;
    }

    /** A weight with the tensors that hold it to its constraint. */
    private static final class Kept implements AutoCloseable {
        private final Tensor weight;
        private final Tensor mask;
        private final Tensor highest;
        private final Tensor lowest;

        Kept(Tensor weight, Constraint constraint) {
            this.weight = weight;
            this.mask = constraint.mask() == null ? null : like(weight, constraint.mask());
            this.highest = constraint.limit() == null ? null : like(weight, constraint.limit());
            this.lowest = highest == null ? null : highest.neg().retainReference();
        }

        private static Tensor like(Tensor weight, float[] values) {
            try (PointerScope scope = new PointerScope()) {
                Tensor cpu = TensorData.of(values, weight.shape());
                Tensor placed = weight.is_cuda() ? cpu.to(weight.device(), weight.scalar_type()) : cpu;
                placed.retainReference();
                scope.detach(placed);
                return placed;
            }
        }

        void enforce() {
            try (PointerScope scope = new PointerScope();
                    AutoGradMode off = new AutoGradMode(false)) {
                if (mask != null) {
                    weight.mul_(mask);
                }
                if (highest != null) {
                    weight.clamp_(new TensorOptional(lowest), new TensorOptional(highest));
                }
            }
        }

        @Override
        public void close() {
            for (Tensor tensor : new Tensor[] {mask, highest, lowest}) {
                if (tensor != null) {
                    tensor.close();
                }
            }
        }
    }

    private static final class Optimiser implements AutoCloseable {
        private final SGD sgd;

        Optimiser(List<Tensor> parameters) {
            try (PointerScope scope = new PointerScope()) {
                SGDOptions options = new SGDOptions(0.1);
                options.momentum().put(MOMENTUM);
                options.nesterov().put(true);
                sgd = new SGD(new TensorVector(parameters.toArray(Tensor[]::new)), options);
                sgd.retainReference();
                scope.detach(sgd);
            }
        }

        void begin(double rate) {
            OptimizerParamGroupVector groups = sgd.param_groups();
            for (long i = 0; i < groups.size(); i++) {
                groups.get(i).options().set_lr(rate);
            }
            sgd.zero_grad();
        }

        void step() {
            sgd.step();
        }

        @Override
        public void close() {
            sgd.close();
        }
    }
}
