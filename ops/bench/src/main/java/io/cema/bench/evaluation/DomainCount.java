package io.cema.bench.evaluation;

import java.util.BitSet;

/** Counts one method's results on one domain while the stream runs. One thread. */
final class DomainCount {
    private static final int TENTH = 10;

    private final BitSet right = new BitSet();
    private int images;
    private double uploadedImages;
    private double uploadedBytes;
    private double updateBytes;
    private double published;
    private double refused;
    private double edgeNanos;
    private double cloudNanos;
    private double forwardNanos;
    private double backwardNanos;

    void image(boolean correct) {
        right.set(images++, correct);
    }

    /** Takes a share of what a batch has cost: in a mixed stream a batch belongs to several domains. */
    void cost(Tally before, Tally after, double share) {
        uploadedImages += share * (after.uploadedImages() - before.uploadedImages());
        uploadedBytes += share * (after.uploadedBytes() - before.uploadedBytes());
        updateBytes += share * (after.updateBytes() - before.updateBytes());
        published += share * (after.published() - before.published());
        refused += share * (after.refused() - before.refused());
        edgeNanos += share * (after.edgeNanos() - before.edgeNanos());
        cloudNanos += share * (after.cloudNanos() - before.cloudNanos());
        forwardNanos +=
                share * (after.cloudTime().forward() - before.cloudTime().forward());
        backwardNanos +=
                share * (after.cloudTime().backward() - before.cloudTime().backward());
    }

    Row row(String protocol, Item.Domain domain, String method) {
        int tenth = Math.max(1, images / TENTH);
        return new Row(
                protocol,
                domain.corruption(),
                domain.severity(),
                domain.visit(),
                method,
                images,
                (double) right.cardinality() / images,
                (double) right.get(0, tenth).cardinality() / tenth,
                (double) right.get(images - tenth, images).cardinality() / tenth,
                Math.round(uploadedImages),
                Math.round(uploadedBytes),
                Math.round(updateBytes),
                Math.round(published),
                Math.round(refused),
                edgeNanos / 1e6 / images,
                cloudNanos / 1e6 / images,
                forwardNanos / 1e6 / images,
                backwardNanos / 1e6 / images);
    }
}
