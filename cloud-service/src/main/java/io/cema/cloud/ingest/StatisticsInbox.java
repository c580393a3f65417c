package io.cema.cloud.ingest;

import io.cema.cloud.drift.DriftMonitor;
import io.cema.cloud.messaging.IncomingMqttMetadata;
import io.cema.cloud.persistence.Patience;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.message.StatisticsReport;
import io.cema.protocol.topic.Topics;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/**
 * Takes reports of statistics. Acknowledged once durable; a repeated one changes nothing; one that is wrong, or of a device
 * of another cohort, becomes a dead letter by the channel's failure strategy.
 */
@ApplicationScoped
class StatisticsInbox {
    private final TenantDatabase database;
    private final DriftMonitor drift;
    private final String tenant;

    StatisticsInbox(TenantDatabase database, DriftMonitor drift, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.drift = drift;
        this.tenant = tenant;
    }

    @Incoming("statistics")
    Uni<Void> report(byte[] payload, IncomingMqttMetadata metadata) {
        if (!(Topics.parse(metadata.topic()) instanceof Topics.DeviceTopic topic)) {
            throw new IllegalArgumentException("topic " + metadata.topic() + " is not a device's");
        }
        StatisticsReport report = ReportReader.read(payload);
        return Patience.untilDatabaseAnswers(Uni.createFrom()
                .deferred(
                        () -> database.inTransaction(tenant, connection -> store(connection, topic.device(), report))));
    }

    private Uni<Void> store(SqlConnection connection, String device, StatisticsReport report) {
        return connection
                .preparedQuery("select d.status, exists (select 1 from device_slot s join adaptation_loop l"
                        + " on l.tenant = s.tenant and l.cohort = s.cohort where s.tenant = d.tenant"
                        + " and s.device = d.id and s.cohort = $2 and l.model_digest = $3) as fits"
                        + " from device d where d.id = $1 for no key update")
                .execute(Tuple.of(device, report.getCohort(), report.getModelDigest()))
                .chain(rows -> {
                    boolean known = rows.size() == 1;
                    if (known && !rows.iterator().next().getString("status").equals("ACTIVE")) {
                        return Uni.createFrom().voidItem(); // decommissioned: what it says does not count
                    }
                    if (!known || !rows.iterator().next().getBoolean("fits")) {
                        throw new IllegalArgumentException("report of statistics " + report.getReportId() + ": device "
                                + device + " is not in cohort '" + report.getCohort()
                                + "', or that does not adapt model " + report.getModelDigest());
                    }
                    return insert(connection, device, report);
                });
    }

    private Uni<Void> insert(SqlConnection connection, String device, StatisticsReport report) {
        return connection
                .preparedQuery("insert into statistics_report (tenant, device, report_id, cohort, model_digest,"
                        + " update_version, frames, prior, statistics, mean_entropy, information, classes,"
                        + " renormalised_entropy, renormalised_information, renormalised_classes)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,"
                        + " $13, $14) on conflict (tenant, device, report_id) do nothing")
                .execute(Tuple.tuple()
                        .addString(device)
                        .addString(report.getReportId())
                        .addString(report.getCohort())
                        .addString(report.getModelDigest())
                        .addString(report.getUpdateVersion())
                        .addInteger(report.getFrames())
                        .addFloat(report.getPrior())
                        .addValue(Buffer.buffer(report.getStatistics().toByteArray()))
                        .addFloat(report.getMeanEntropy())
                        .addFloat(report.getInformation())
                        .addValue(array(report.getClassesList()))
                        .addFloat(report.getRenormalisedMeanEntropy())
                        .addFloat(report.getRenormalisedInformation())
                        .addValue(array(report.getRenormalisedClassesList())))
                .chain(rows -> rows.rowCount() == 0
                        ? Uni.createFrom().voidItem()
                        : drift.statistics(connection, device, report));
    }

    private static Integer[] array(List<Integer> counts) {
        return counts.toArray(Integer[]::new);
    }
}
