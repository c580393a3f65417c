package io.cema.cloud.adaptation;

import com.fasterxml.jackson.annotation.JsonRawValue;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A judged candidate as the REST interface shows it.
 *
 * @param version ULID
 * @param verdict PUBLISHED or REFUSED
 * @param reason of the gate, for people
 * @param bytes of the encoded affine; 0 if it could not be encoded
 * @param parent version the twin went on from, absent for the first
 * @param step distillation steps behind it
 * @param firstOrdinal first upload that taught it since its parent
 * @param lastOrdinal last upload that taught it
 * @param samples how many taught it since its parent
 * @param metrics the gate's numbers
 * @param publications where it went
 */
record UpdateView(
        String version,
        String cohort,
        String modelDigest,
        String verdict,
        String reason,
        int bytes,
        Optional<String> parent,
        long step,
        Optional<Long> firstOrdinal,
        Optional<Long> lastOrdinal,
        long samples,
        String teacherDigest,
        @JsonRawValue @Schema(type = SchemaType.OBJECT, implementation = GateMetrics.class) String metrics,
        List<PublicationView> publications,
        Instant createdAt) {
    /** One publication of a version. */
    record PublicationView(long epoch, long revision, String channel, Instant publishedAt) {}
}
