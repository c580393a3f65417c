package io.cema.edge.statistics;

import com.google.protobuf.ByteString;
import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.Prediction;
import io.cema.edge.inference.StatisticsSession;
import io.cema.edge.inference.StatisticsSession.Measured;
import io.cema.protocol.message.Histogram;
import io.cema.protocol.message.StatisticsReport;
import io.cema.protocol.onnx.MeasuringGraph;
import io.cema.protocol.onnx.StatisticsCodec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Turns a batch of frames into a report: one forward pass behind half of the source's statistics and one behind none of
 * them. Half is better than none but where a domain is far from the source (ADR 9); there it costs information between
 * frame and answer, and none is taken. The session is opened for each batch and closed behind it: between batches it would
 * hold the model's memory a second time.
 */
public final class StatisticsMeter {
    private static final float PRIOR = 0.5f;
    /** Nats of information that the prior may cost, as in the cloud's calibration. */
    private static final double PRIOR_COST = 0.1;

    private static final double[] ENTROPY_BOUNDS = {.01, .02, .05, .1, .2, .5, 1, 2, 3, 5};

    private final EngineFactory engines;

    public StatisticsMeter(EngineFactory engines) {
        this.engines = engines;
    }

    private record Choice(float prior, Measured measured, Answers answers) {}

    /** All but id and position. Blocks for two passes over the batch. */
    public StatisticsReport.Builder measure(MeasuringGraph graph, FrameBatch batch) {
        Choice choice = choose(graph, batch);
        Answers served = Answers.of(batch.predictions());
        return StatisticsReport.newBuilder()
                .setModelDigest(batch.modelDigest())
                .setCohort(batch.origin().cohort())
                .setChannel(batch.origin().channel())
                .setUpdateVersion(batch.origin().update())
                .setRevision(batch.origin().revision().toMessage())
                .setFrames(batch.frames())
                .setPrior(choice.prior())
                .setStatistics(ByteString.copyFrom(
                        StatisticsCodec.encode(choice.measured().statistics(), graph.source())))
                .setMeanEntropy((float) served.meanEntropy())
                .setInformation((float) served.information())
                .addAllClasses(list(served.classes()))
                .setEntropy(histogram(batch.predictions()))
                .setRenormalisedMeanEntropy((float) choice.answers().meanEntropy())
                .setRenormalisedInformation((float) choice.answers().information())
                .addAllRenormalisedClasses(list(choice.answers().classes()));
    }

    private Choice choose(MeasuringGraph graph, FrameBatch batch) {
        int classes = batch.predictions().get(0).classes();
        float[] input = batch.joined();
        try (StatisticsSession session = engines.measuring(graph)) {
            Choice half = choice(session, input, batch.frames(), classes, PRIOR);
            Choice none = choice(session, input, batch.frames(), classes, 0);
            return none.answers().information() - half.answers().information() > PRIOR_COST ? none : half;
        }
    }

    private static Choice choice(StatisticsSession session, float[] input, int frames, int classes, float prior) {
        Measured measured = session.measure(input, frames, prior);
        List<Prediction> predictions = new ArrayList<>(frames);
        for (int i = 0; i < frames; i++) {
            predictions.add(Prediction.fromLogits(measured.logits(), i * classes, classes));
        }
        return new Choice(prior, measured, Answers.of(predictions));
    }

    private static List<Integer> list(int[] counts) {
        return Arrays.stream(counts).boxed().toList();
    }

    private static Histogram histogram(List<Prediction> predictions) {
        long[] counts = new long[ENTROPY_BOUNDS.length + 1];
        for (Prediction prediction : predictions) {
            int bucket = 0;
            while (bucket < ENTROPY_BOUNDS.length && prediction.entropy() > ENTROPY_BOUNDS[bucket]) {
                bucket++;
            }
            counts[bucket]++;
        }
        Histogram.Builder histogram = Histogram.newBuilder();
        for (double bound : ENTROPY_BOUNDS) {
            histogram.addBounds(bound);
        }
        for (long count : counts) {
            histogram.addCounts(count);
        }
        return histogram.build();
    }
}
