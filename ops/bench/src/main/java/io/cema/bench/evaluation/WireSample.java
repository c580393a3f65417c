package io.cema.bench.evaluation;

import io.cema.edge.inference.Prediction;
import io.cema.edge.uplink.SampleParts;
import io.cema.edge.uplink.SpooledSample;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.message.SampleInfo;
import io.cema.protocol.message.UploadReason;

/**
 * An upload as the agent would send it, for its size on the wire and its pixels.
 *
 * @param encoded image as it arrives
 * @param bytes MQTT payload bytes
 */
record WireSample(String id, byte[] encoded, int predictedClass, long bytes) {
    private static final int PART_BYTES = 64 * 1024;
    private static final String COHORT = "evaluation";

    static WireSample of(
            Image image, Prediction prediction, UploadReason reason, String digest, String version, long frame) {
        byte[] encoded = ImageCodec.encode(image);
        SampleInfo info = SampleInfo.newBuilder()
                .setFormat(ImageFormat.RGB8_ZSTD)
                .setWidth(image.width())
                .setHeight(image.height())
                .setEntropy((float) prediction.entropy())
                .setPredictedClass(prediction.predictedClass())
                .setConfidence((float) prediction.confidence())
                .setReason(reason)
                .setModelDigest(digest)
                .setCohort(COHORT)
                .setChannel("stable")
                .setUpdateVersion(version)
                .setGeneration(1)
                .setConnection(1)
                .setSequence(frame)
                .setCapturedMs(System.currentTimeMillis())
                .setFrame(frame)
                .build();
        // A ULID has 26 characters; this one depends on the frame alone, so that a run can be repeated.
        String id = String.format("%026d", frame);
        long bytes =
                SampleParts.payloads(new SpooledSample(id, info, encoded), PART_BYTES, System.currentTimeMillis())
                        .stream()
                        .mapToLong(p -> p.length)
                        .sum();
        return new WireSample(id, encoded, prediction.predictedClass(), bytes);
    }
}
