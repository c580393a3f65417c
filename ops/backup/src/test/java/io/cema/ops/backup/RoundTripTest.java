package io.cema.ops.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.ops.stack.StackProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An archive of a real PostgreSQL with rows of two tenants, and what is refused on its way back. */
class RoundTripTest {
    private static final byte[] ARTEFACT = "a model".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    static Path shared;

    private static StackProcess stack;

    @TempDir
    Path folder;

    private Path data;
    private Path archive;

    @BeforeAll
    static void start() {
        stack = StackProcess.startDatabaseOnly(shared.resolve("stack"));
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @BeforeEach
    void fill() throws Exception {
        data = folder.resolve("cloud");
        archive = folder.resolve("cema.zip");
        Files.createDirectories(data.resolve("ca"));
        Files.writeString(data.resolve(DataFolder.SIGNING_KEY), "public");
        Files.writeString(data.resolve("signing-key.pem"), "private");
        Files.writeString(data.resolve("ca/authority.key"), "authority");
        Path artefact = artefact(Digests.hex(ARTEFACT));
        Files.createDirectories(artefact.getParent());
        Files.write(artefact, ARTEFACT);
        Schema schema = new Schema(settings());
        schema.clean();
        schema.migrate(schema.newest());
        for (String tenant : List.of("default", "other")) {
            execute(
                    "set cema.tenant = '" + tenant + "'",
                    "insert into model (tenant, digest, name, manifest, manifest_digest, manifest_size, size) values ('"
                            + tenant + "', 'd', 'a \\ name\twith all', '{\"a\": 1}', 'm', 1, 1)",
                    "insert into model_pair (tenant, id, edge_digest, foundation_digest) values ('" + tenant
                            + "', 'p', 'd', 'd')",
                    "insert into cohort (tenant, id, pair) values ('" + tenant + "', 'c', 'p')",
                    "insert into device (tenant, id, cohort, labels) values ('" + tenant
                            + "', 'cam', 'c', '{\"site\": \"east\"}')",
                    "insert into audit_entry (tenant, who, address, operation, resource) values ('" + tenant
                            + "', 'jane', 'here', 'POST', '/x')",
                    "insert into outbox (tenant, topic, payload, retain) values ('" + tenant + "', 't', 'old', true)");
        }
    }

    @Test
    void everyTenantsRows_areAsTheyWere() throws Exception {
        backUp();
        execute("set cema.tenant = 'default'", "delete from device", "delete from cohort");
        Files.delete(artefact(Digests.hex(ARTEFACT)));
        Path later = artefact("ab" + "0".repeat(62));
        Files.createDirectories(later.getParent());
        Files.writeString(later, "of later");

        assertThat(run("restore", "--from", archive.toString(), "--without-keys", "--replace"))
                .isEmpty();

        for (String tenant : List.of("default", "other")) {
            assertThat(texts(tenant, "select name || manifest from model"))
                    .containsExactly("a \\ name\twith all{\"a\": 1}");
            assertThat(texts(tenant, "select id || cohort || labels from device"))
                    .containsExactly("camc{\"site\": \"east\"}");
            assertThat(texts(tenant, "select key || value from device_label")).containsExactly("siteeast");
            assertThat(texts(tenant, "select topic from outbox")).isEmpty();
            assertThat(texts(tenant, "select tenant from restored")).containsExactly(tenant);
        }
        assertThat(artefact(Digests.hex(ARTEFACT))).hasBinaryContent(ARTEFACT);
        assertThat(later).doesNotExist();
    }

    @Test
    void whatGuardsTheRows_standsAgain() throws Exception {
        List<String> foreignKeys = texts("default", "select conname from pg_constraint where contype = 'f' order by 1");
        backUp();

        assertThat(run("restore", "--from", archive.toString(), "--without-keys", "--replace"))
                .isEmpty();

        assertThat(texts("none of them", "select id from device")).isEmpty();
        assertThat(texts("default", "select conname from pg_constraint where contype = 'f' order by 1"))
                .isEqualTo(foreignKeys)
                .isNotEmpty();
        Assertions.assertThatThrownBy(() -> execute("set cema.tenant = 'default'", "delete from audit_entry"))
                .hasMessageContaining("append-only");
        execute(
                "set cema.tenant = 'default'",
                "insert into audit_entry (tenant, who, address, operation, resource) values ('default', 'joe', 'here',"
                        + " 'POST', '/y')");
        assertThat(texts("default", "select id from audit_entry"))
                .doesNotHaveDuplicates()
                .hasSize(2);
    }

    @Test
    void epoch_risesAboveEveryOneBefore_howeverOftenTheSameArchiveIsRestored() throws Exception {
        backUp();
        assertThat(run("restore", "--from", archive.toString(), "--without-keys", "--replace"))
                .isEmpty();
        long first = Long.parseLong(
                texts("default", "select epoch from system_state").get(0));
        assertThat(run("restore", "--from", archive.toString(), "--without-keys", "--replace"))
                .isEmpty();
        long second = Long.parseLong(
                texts("default", "select epoch from system_state").get(0));

        assertThat(first).isGreaterThan(1);
        assertThat(second).isGreaterThan(first);
    }

    @Test
    void keys_comeBackWithThePassphraseAlone() throws Exception {
        Path passphrase = Files.writeString(folder.resolve("passphrase"), "one long passphrase");
        Path wrong = Files.writeString(folder.resolve("wrong"), "another long passphrase");
        assertThat(run("backup", "--out", archive.toString(), "--passphrase-file", passphrase.toString()))
                .isEmpty();
        Files.writeString(data.resolve("signing-key.pem"), "another's");

        assertThat(run("restore", "--from", archive.toString(), "--passphrase-file", wrong.toString(), "--replace"))
                .contains("nothing was changed");
        assertThat(data.resolve("signing-key.pem")).hasContent("another's");
        assertThat(run(
                        "restore",
                        "--from",
                        archive.toString(),
                        "--passphrase-file",
                        passphrase.toString(),
                        "--replace"))
                .isEmpty();
        assertThat(data.resolve("signing-key.pem")).hasContent("private");
        assertThat(data.resolve("ca/authority.key")).hasContent("authority");
    }

    @Test
    void targetThatIsNotEmpty_isRefusedWithoutReplace() throws Exception {
        backUp();

        assertThat(run("restore", "--from", archive.toString(), "--without-keys"))
                .contains("is not empty")
                .contains("--replace");
    }

    @Test
    void targetThatSomebodyUses_isRefused() throws Exception {
        backUp();
        try (Connection service = connect()) {
            assertThat(service.isValid(1)).isTrue();
            assertThat(run("restore", "--from", archive.toString(), "--without-keys", "--replace"))
                    .contains("stop every cloud service");
        }
    }

    @Test
    void keysOfAnotherFleet_areRefused() throws Exception {
        backUp();
        Files.writeString(data.resolve(DataFolder.SIGNING_KEY), "of another fleet");

        assertThat(run("restore", "--from", archive.toString(), "--without-keys", "--replace"))
                .contains("is not the one the fleet trusted");
    }

    @Test
    void changedArchive_isRefused() throws Exception {
        backUp();
        change("database/model.copy", text -> text.replace("name", "mane"));

        assertThat(run("restore", "--from", archive.toString(), "--without-keys", "--replace"))
                .contains("database/model.copy is not what the manifest says")
                .contains("nothing was changed");
    }

    @Test
    void cutArchive_isRefused() throws Exception {
        backUp();
        byte[] whole = Files.readAllBytes(archive);
        Files.write(archive, java.util.Arrays.copyOf(whole, whole.length / 2));

        assertThat(run("restore", "--from", archive.toString(), "--without-keys", "--replace"))
                .contains("is damaged");
    }

    @Test
    void archiveOfANewerSchema_isRefused() throws Exception {
        backUp();
        int schema = new Schema(settings()).newest();
        change(Manifest.NAME, text -> text.replace("\"schema\" : " + schema, "\"schema\" : " + (schema + 1)));

        assertThat(run("restore", "--from", archive.toString(), "--without-keys", "--replace"))
                .contains("the archive is of schema " + (schema + 1));
    }

    @Test
    void damagedArtefact_isNotBackedUp() throws Exception {
        Files.writeString(artefact(Digests.hex(ARTEFACT)), "a mode!");

        assertThat(run("backup", "--out", archive.toString(), "--without-keys")).contains("is damaged");
        assertThat(archive).doesNotExist();
    }

    @Test
    void artefactsThatLieElsewhere_areLeftOutOnlyIfThatIsSaid() throws Exception {
        Files.delete(artefact(Digests.hex(ARTEFACT)));

        assertThat(run("backup", "--out", archive.toString(), "--without-keys")).contains("--without-artefacts");
        assertThat(archive).doesNotExist();
        assertThat(run("backup", "--out", archive.toString(), "--without-keys", "--without-artefacts"))
                .isEmpty();
    }

    private void backUp() {
        assertThat(run("backup", "--out", archive.toString(), "--without-keys")).isEmpty();
    }

    private void change(String entry, java.util.function.UnaryOperator<String> by) throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(archive)) {
            String text = Files.readString(zip.getPath(entry));
            assertThat(by.apply(text)).isNotEqualTo(text);
            Path changed = Files.writeString(folder.resolve("changed"), by.apply(text));
            Files.copy(changed, zip.getPath(entry), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private Path artefact(String digest) {
        return data.resolve("artefacts").resolve(digest.substring(0, 2)).resolve(digest);
    }

    /** Returns what went wrong. */
    private String run(String... arguments) {
        List<String> all = new java.util.ArrayList<>(List.of(arguments));
        all.add("cema.data-dir=" + data);
        all.add("cema.database.port=" + stack.databasePort());
        ByteArrayOutputStream wrong = new ByteArrayOutputStream();
        int status = Main.run(
                new PrintStream(new ByteArrayOutputStream()), new PrintStream(wrong), all.toArray(String[]::new));
        assertThat(status == 0).as(wrong.toString()).isEqualTo(wrong.size() == 0);
        return wrong.toString();
    }

    private Settings settings() {
        return Settings.of(
                List.of("cema.data-dir=" + data, "cema.database.port=" + stack.databasePort()), java.util.Map.of());
    }

    private List<String> texts(String tenant, String query) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("set cema.tenant = '" + tenant + "'");
            return Catalog.texts(connection, query);
        }
    }

    private void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static Connection connect() throws SQLException {
        return DriverManager.getConnection(stack.jdbcUrl(), stack.databaseUser(), stack.databasePassword());
    }
}
