package io.cema.cloud.ingest;

import com.github.f4b6a3.ulid.Ulid;
import io.cema.cloud.model.Sha256;
import io.cema.protocol.message.StatisticsReport;
import io.cema.protocol.signature.EnvelopeOpener;
import java.util.List;

/** Reads a device's report and checks what can be told from it alone; its statistics are read where they are used. */
final class ReportReader {
    /** Of fewer frames, one could be guessed at: not even taken. As the agent has it. */
    private static final int FEWEST_FRAMES = 32;

    private static final int MOST_BYTES = 1 << 20;

    private ReportReader() {}

    /** @throws IllegalArgumentException saying what is wrong with it */
    static StatisticsReport read(byte[] payload) {
        if (payload.length > MOST_BYTES) {
            throw new IllegalArgumentException(
                    "a report of statistics has " + payload.length + " bytes, at most " + MOST_BYTES + " are taken");
        }
        StatisticsReport report = EnvelopeOpener.openUnsigned(payload, StatisticsReport.getDefaultInstance());
        require(Ulid.isValid(report.getReportId()), report, "its id is not a ULID");
        require(Sha256.isDigest(report.getModelDigest()), report, "its model digest is not 64 lower-case hex digits");
        require(
                report.getUpdateVersion().isEmpty() || Ulid.isValid(report.getUpdateVersion()),
                report,
                "its update version is neither empty nor a ULID");
        require(
                report.getFrames() >= FEWEST_FRAMES,
                report,
                "it is of " + Integer.toUnsignedString(report.getFrames()) + " frames, at least " + FEWEST_FRAMES
                        + " are needed so that no single one shows in the numbers");
        require(report.getPrior() >= 0 && report.getPrior() <= 1, report, "its prior is not from 0 to 1");
        require(!report.getStatistics().isEmpty(), report, "it has no statistics");
        require(counts(report.getClassesList(), report), report, "its classes do not add up to its frames");
        require(
                counts(report.getRenormalisedClassesList(), report),
                report,
                "its re-normalised classes do not add up to its frames");
        for (float nats : List.of(
                report.getMeanEntropy(),
                report.getInformation(),
                report.getRenormalisedMeanEntropy(),
                report.getRenormalisedInformation())) {
            require(nats >= 0 && nats < 100, report, "an entropy is " + nats + " nats");
        }
        return report;
    }

    private static boolean counts(List<Integer> classes, StatisticsReport report) {
        return classes.stream().allMatch(count -> count >= 0)
                && classes.stream().mapToLong(Integer::longValue).sum() == report.getFrames();
    }

    private static void require(boolean holds, StatisticsReport report, String problem) {
        if (!holds) {
            throw new IllegalArgumentException("report of statistics \"" + report.getReportId() + "\": " + problem);
        }
    }
}
