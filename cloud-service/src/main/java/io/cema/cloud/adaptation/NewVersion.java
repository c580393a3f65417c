package io.cema.cloud.adaptation;

import com.github.f4b6a3.ulid.UlidCreator;
import com.google.protobuf.ByteString;
import io.cema.protocol.message.AffineUpdate;
import io.cema.protocol.message.Revision;
import java.util.Optional;

/**
 * A judged candidate, ready to be recorded.
 *
 * @param version ULID
 * @param parent version the twin went on from
 * @param step distillation steps behind it
 * @param firstOrdinal first sample that taught it, 0 if none
 * @param lastOrdinal last sample that taught it, 0 if none
 * @param samples how many taught it since the parent
 * @param teacherDigest empty if no teacher had a part in it: it was learnt from statistics alone
 * @param affine AffineCodec bytes, a difference to the model's own; absent if it could not be encoded
 * @param reason of the verdict
 * @param metrics JSON object
 * @param traceParent of its first publication, see {@link io.cema.protocol.trace.TraceParent}; empty if it is not traced
 */
public record NewVersion(
        String version,
        Optional<String> parent,
        long step,
        long firstOrdinal,
        long lastOrdinal,
        long samples,
        String teacherDigest,
        Optional<byte[]> affine,
        String reason,
        String metrics,
        String traceParent) {
    /** One that is not traced. */
    public NewVersion(
            String version,
            Optional<String> parent,
            long step,
            long firstOrdinal,
            long lastOrdinal,
            long samples,
            String teacherDigest,
            Optional<byte[]> affine,
            String reason,
            String metrics) {
        this(version, parent, step, firstOrdinal, lastOrdinal, samples, teacherDigest, affine, reason, metrics, "");
    }

    /** One that was learnt from statistics alone. */
    static NewVersion ofStatistics(Optional<String> parent, long step, byte[] affine, String reason, String metrics) {
        return new NewVersion(
                UlidCreator.getMonotonicUlid().toString(),
                parent,
                step,
                0,
                0,
                0,
                "",
                Optional.of(affine),
                reason,
                metrics);
    }

    /** The same as part of a trace. */
    public NewVersion tracedBy(String traced) {
        return new NewVersion(
                version,
                parent,
                step,
                firstOrdinal,
                lastOrdinal,
                samples,
                teacherDigest,
                affine,
                reason,
                metrics,
                traced);
    }

    /** Whether no image and no teacher had a part in it. */
    boolean ofStatisticsAlone() {
        return teacherDigest.isEmpty();
    }

    /**
     * What goes down.
     *
     * @throws IllegalArgumentException if there is no affine
     */
    public AffineUpdate message(LoopKey key, String channel, long epoch, long revision) {
        return AffineUpdate.newBuilder()
                .setVersion(version)
                .setRevision(Revision.newBuilder().setEpoch(epoch).setRevision(revision))
                .setModelDigest(key.modelDigest())
                .setCohort(key.cohort())
                .setChannel(channel)
                .setAffine(ByteString.copyFrom(affine.orElseThrow(() ->
                        new IllegalArgumentException("version " + version + " has no affine and cannot be published"))))
                .setTeacherDigest(teacherDigest)
                .setStep(step)
                .setTraceParent(traceParent)
                .build();
    }
}
