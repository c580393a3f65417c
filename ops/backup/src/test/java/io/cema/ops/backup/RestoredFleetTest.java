package io.cema.ops.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cema.ops.stack.StackProcess;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.signature.TrustedKeys;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backup, more updates, destroy, restore: the packaged service, a real PostgreSQL, and a real broker that remembers. */
@Tag("process")
class RestoredFleetTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String EAST_1 = "01KAEAST000000000000000001";
    private static final String EAST_2 = "01KAEAST000000000000000002";
    private static final String EAST_3 = "01KAEAST000000000000000003";
    private static final String EAST_4 = "01KAEAST000000000000000004";
    private static final String QUIET_1 = "01KAQEET000000000000000001";
    private static final String QUIET_2 = "01KAQEET000000000000000002";

    @TempDir
    static Path folder;

    @Test
    void fleetGoesOn_withNoDeviceOnARevisionThatTheRestoredServiceDoesNotKnow() throws Exception {
        Path passphrase = Files.writeString(folder.resolve("passphrase"), "correct horse battery staple\n");
        Path archive = folder.resolve("cema.zip");
        Path firstData = folder.resolve("cloud");
        Path secondData = folder.resolve("cloud-again");
        try (StackProcess broker = StackProcess.startBrokerOnly(folder.resolve("broker"));
                StackProcess first = StackProcess.startDatabaseOnly(folder.resolve("first"));
                Cloud cloud = new Cloud(firstData, broker, first, folder.resolve("cloud.log"))) {
            cohort(cloud, "east", "cam-1");
            cohort(cloud, "quiet", "cam-2");
            TrustedKeys keys = TrustedKeys.fromPem(firstData.resolve(DataFolder.SIGNING_KEY));
            try (FollowingDevice east = device(broker, "cam-1", keys);
                    FollowingDevice quiet = device(broker, "cam-2", keys)) {
                publish(cloud, first, "east", EAST_1);
                await().atMost(PATIENCE).until(() -> east.version().equals(EAST_1));

                run(
                        "backup",
                        "--out",
                        archive.toString(),
                        "--passphrase-file",
                        passphrase.toString(),
                        "cema.data-dir=" + firstData,
                        "cema.database.port=" + first.databasePort());

                publish(cloud, first, "east", EAST_2);
                publish(cloud, first, "east", EAST_3);
                publish(cloud, first, "quiet", QUIET_1);
                await().atMost(PATIENCE).until(() -> east.version().equals(EAST_3));
                await().atMost(PATIENCE).until(() -> quiet.version().equals(QUIET_1));
                long formerDesired = east.desiredVersion();
                cloud.close();
                first.close();

                try (StackProcess second = StackProcess.startDatabaseOnly(folder.resolve("second"))) {
                    run(
                            "restore",
                            "--from",
                            archive.toString(),
                            "--passphrase-file",
                            passphrase.toString(),
                            "cema.data-dir=" + secondData,
                            "cema.database.port=" + second.databasePort());
                    try (Cloud restored = new Cloud(secondData, broker, second, folder.resolve("again.log"));
                            FollowingDevice late = device(broker, "cam-1-late", keys, "cam-1")) {
                        await().atMost(PATIENCE).until(() -> east.version().equals(EAST_1));
                        assertThat(east.revision().getEpoch()).isGreaterThan(1);
                        assertThat(east.desiredVersion()).isGreaterThan(formerDesired);
                        await().atMost(PATIENCE).untilAsserted(() -> assertThat(quiet.version())
                                .as("a cohort that had no update then is on its registered model")
                                .isEqualTo(baseVersion(second, "quiet")));
                        await().atMost(PATIENCE).untilAsserted(() -> assertThat(late.revision())
                                .as("what the broker gives a newcomer")
                                .isEqualTo(east.revision()));

                        publish(restored, second, "east", EAST_4);
                        publish(restored, second, "quiet", QUIET_2);
                        await().atMost(PATIENCE).until(() -> east.version().equals(EAST_4));
                        await().atMost(PATIENCE).until(() -> quiet.version().equals(QUIET_2));
                    }
                }
            }
        }
    }

    private static FollowingDevice device(StackProcess broker, String id, TrustedKeys keys) {
        return new FollowingDevice(broker.host(), broker.brokerPort(), id, id, keys);
    }

    private static FollowingDevice device(StackProcess broker, String client, TrustedKeys keys, String id) {
        return new FollowingDevice(broker.host(), broker.brokerPort(), client, id, keys);
    }

    private static void cohort(Cloud cloud, String id, String device) throws Exception {
        String edge = cloud.register(model("edge-" + id, id.hashCode()), "edge-" + id);
        String foundation = cloud.register(model("foundation-" + id, id.hashCode() + 1L), "foundation-" + id);
        cloud.post(
                "/api/v1/pairs",
                "{\"id\": \"" + id + "\", \"edge\": \"" + edge + "\", \"foundation\": \"" + foundation + "\"}");
        cloud.post(
                "/api/v1/cohorts",
                "{\"id\": \"" + id + "\", \"pair\": \"" + id + "\", \"devices\": [\"" + device + "\"]}");
    }

    /** What a loop would have learnt: a version on record, and then the service's own way to every device. */
    private static void publish(Cloud cloud, StackProcess database, String cohort, String version) throws Exception {
        cloud.post("/api/v1/cohorts/" + cohort + "/rollback", "{\"version\": \"base\"}");
        try (Connection connection = connection(database);
                Statement statement = connection.createStatement()) {
            statement.execute("set cema.tenant = 'default'");
            statement.execute("insert into affine_version (tenant, version, cohort, model_digest, step, teacher_digest,"
                    + " affine, verdict, fencing) select tenant, '" + version + "', cohort, model_digest, 1,"
                    + " teacher_digest, affine, 'PUBLISHED', fencing from affine_version where cohort = '" + cohort
                    + "' and metrics @> '{\"base\": true}'");
            statement.execute(
                    "with next as (update adaptation_loop set next_revision = next_revision + 1 where cohort = '"
                            + cohort + "' returning tenant, cohort, model_digest, next_revision - 1 as revision)"
                            + " insert into publication (tenant, cohort, model_digest, epoch, revision, channel, version)"
                            + " select tenant, cohort, model_digest, (select epoch from system_state), revision, 'stable', '"
                            + version + "' from next");
        }
        cloud.post("/api/v1/cohorts/" + cohort + "/rollback", "{\"version\": \"" + version + "\"}");
    }

    private static String baseVersion(StackProcess database, String cohort) throws Exception {
        try (Connection connection = connection(database);
                Statement statement = connection.createStatement()) {
            statement.execute("set cema.tenant = 'default'");
            return Catalog.texts(
                            connection,
                            "select p.version from publication p join affine_version v using (tenant, version)"
                                    + " where p.cohort = ? and v.metrics @> '{\"base\": true}'"
                                    + " order by p.epoch desc, p.revision desc",
                            cohort)
                    .stream()
                    .findFirst()
                    .orElse("none was published");
        }
    }

    private static Connection connection(StackProcess database) throws Exception {
        return DriverManager.getConnection(database.jdbcUrl(), database.databaseUser(), database.databasePassword());
    }

    private static void run(String... arguments) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int status = Main.run(new PrintStream(said), new PrintStream(said), arguments);
        assertThat(status).as(said.toString()).isZero();
    }

    private static byte[] model(String name, long seed) {
        OnnxBuilder builder = new OnnxBuilder(name, 17, seed);
        String x = builder.conv("conv", builder.input("input", 32, 32), 3, 8, 3, 2, 1, false);
        String features = builder.relu(builder.batchNorm("bn", x, 8));
        String logits = builder.linear("classifier", builder.flatten(builder.globalAveragePool(features)), 8, 10);
        return builder.output("logits", logits, 10).toBytes();
    }
}
