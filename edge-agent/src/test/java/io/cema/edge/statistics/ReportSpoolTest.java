package io.cema.edge.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.protocol.message.StatisticsReport;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportSpoolTest {
    @TempDir
    Path folder;

    @Test
    void fullSpool_ofOneSlot_losesItsOldest() throws IOException {
        ReportSpool spool = ReportSpool.open(folder);

        for (int i = 0; i <= ReportSpool.MOST_REPORTS; i++) {
            spool.add(report("yard", i));
        }

        assertThat(spool.oldest(report -> true)).hasValue(report("yard", 1));
    }

    @Test
    void busySlot_doesNotPushOutTheReportsOfAnother() throws IOException {
        ReportSpool spool = ReportSpool.open(folder);
        spool.add(report("plates", 0));

        for (int i = 1; i <= 2 * ReportSpool.MOST_REPORTS; i++) {
            spool.add(report("yard", i));
        }

        assertThat(spool.oldest(report -> true)).hasValue(report("plates", 0));
        assertThat(ReportSpool.open(folder).oldest(report -> report.getCohort().equals("yard")))
                .as("what is on disk")
                .hasValue(report("yard", ReportSpool.MOST_REPORTS + 2));
    }

    private static StatisticsReport report(String cohort, int number) {
        return StatisticsReport.newBuilder()
                .setReportId(String.format("%026d", number))
                .setCohort(cohort)
                .build();
    }
}
