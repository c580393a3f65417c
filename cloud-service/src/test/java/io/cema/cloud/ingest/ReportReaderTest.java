package io.cema.cloud.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.cema.protocol.message.StatisticsReport;
import io.cema.protocol.signature.EnvelopeSealer;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ReportReaderTest {
    private static final StatisticsReport GOOD = StatisticsReport.newBuilder()
            .setReportId("01JD0000000000000000000000")
            .setModelDigest("a".repeat(64))
            .setCohort("fog-east")
            .setFrames(64)
            .setPrior(0.5f)
            .setStatistics(ByteString.copyFrom(new byte[] {1}))
            .addAllClasses(List.of(60, 4))
            .addAllRenormalisedClasses(List.of(30, 34))
            .build();

    @Test
    void read_good_isTaken() {
        assertThat(read(report -> report)).isEqualTo(GOOD);
    }

    @Test
    void read_fewFrames_isRefusedForTheirSake() {
        assertThatThrownBy(() -> read(report -> report.setFrames(31)))
                .hasMessageContaining("01JD0000000000000000000000")
                .hasMessageContaining("at least 32");
    }

    @Test
    void read_whatDoesNotAddUp_isRefused() {
        assertThatThrownBy(() -> read(report -> report.addClasses(1))).hasMessageContaining("add up");
        assertThatThrownBy(() -> read(report -> report.addClasses(-1).addClasses(1)))
                .hasMessageContaining("add up");
        assertThatThrownBy(() -> read(report -> report.setMeanEntropy(Float.NaN)))
                .hasMessageContaining("NaN nats");
        assertThatThrownBy(() -> read(report -> report.setPrior(2))).hasMessageContaining("prior");
        assertThatThrownBy(() -> read(report -> report.setReportId("x"))).hasMessageContaining("not a ULID");
        assertThatThrownBy(() -> read(report -> report.setUpdateVersion("x"))).hasMessageContaining("nor a ULID");
    }

    private static StatisticsReport read(UnaryOperator<StatisticsReport.Builder> change) {
        return ReportReader.read(
                EnvelopeSealer.unsigned(change.apply(GOOD.toBuilder()).build(), 0)
                        .toByteArray());
    }
}
