package io.cema.ops.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starts the real broker and the real PostgreSQL, as other modules' tests do. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class StackProcessTest {
    @TempDir
    static Path data;

    static StackProcess stack;

    @BeforeAll
    static void start() {
        stack = StackProcess.start(data.resolve("stack"));
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void database_roleOwnsItsDatabase_withoutBeingSuperuser() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            ResultSet role = statement.executeQuery(
                    "select rolsuper or rolcreaterole or rolbypassrls from pg_roles where rolname = current_user");
            role.next();
            assertThat(role.getBoolean(1)).isFalse();
            statement.execute("create schema owned");
        }
    }

    @Test
    void database_refusesWrongPassword() {
        assertThatThrownBy(() -> DriverManager.getConnection(stack.jdbcUrl(), "cema", "wrong"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("password authentication failed");
    }

    @Test
    void database_keepsCommittedRowsOverKill() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create table kept as select 42 as answer");
        }
        int port = stack.databasePort();
        stack.killDatabase();
        assertThat(Ports.accepts(port)).isFalse();

        stack.startDatabase();

        assertThat(stack.databasePort()).isEqualTo(port);
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            ResultSet row = statement.executeQuery("select answer from kept");
            row.next();
            assertThat(row.getInt(1)).isEqualTo(42);
        }
    }

    @Test
    void database_startsThoughPidFileNamesAnotherProgram() throws IOException, SQLException {
        stack.stopDatabase();
        Files.writeString(
                folder().resolve("database/data/postmaster.pid"),
                ProcessHandle.current().pid() + "\n/elsewhere\n");

        stack.startDatabase();

        connect().close();
    }

    @Test
    void broker_keepsRetainedMessageOverKill() throws IOException {
        try (PlainMqtt client = new PlainMqtt(stack.brokerPort(), "publisher")) {
            client.publish("retained/one", "still here", true);
        }
        stack.killBroker();
        stack.startBroker();
        try (PlainMqtt client = new PlainMqtt(stack.brokerPort(), "reader")) {
            client.subscribe("retained/one");
            assertThat(client.message()).isEqualTo("still here");
        }
    }

    @Test
    void broker_keepsSessionAndItsQueueOverKill() throws IOException {
        try (PlainMqtt client = new PlainMqtt(stack.brokerPort(), "sleeper")) {
            client.subscribe("queue/#");
        }
        try (PlainMqtt client = new PlainMqtt(stack.brokerPort(), "talker")) {
            client.publish("queue/one", "while you slept", false);
        }
        stack.killBroker();
        stack.startBroker();
        try (PlainMqtt client = new PlainMqtt(stack.brokerPort(), "sleeper")) {
            assertThat(client.sessionPresent()).isTrue();
            assertThat(client.message()).isEqualTo("while you slept");
        }
    }

    @Test
    void endpointsFile_namesBothParts() throws IOException {
        Properties endpoints = Endpoints.read(folder());
        assertThat(endpoints.getProperty("broker.port")).isEqualTo(Integer.toString(stack.brokerPort()));
        assertThat(endpoints.getProperty("database.port")).isEqualTo(Integer.toString(stack.databasePort()));
    }

    @Test
    void portInUse_isNamedWithRemedy(@TempDir Path folder) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThatThrownBy(() -> StackProcess.start(folder, taken.getLocalPort(), 0, "cema"))
                    .isInstanceOf(StackException.class)
                    .hasMessageContaining("port " + taken.getLocalPort())
                    .hasMessageContaining("--broker-port");
        }
    }

    @Test
    void folderInUse_isRefused() {
        assertThatThrownBy(() -> StackProcess.startBrokerOnly(folder()))
                .isInstanceOf(StackException.class)
                .hasMessageContaining("in use by another local stack");
    }

    private static Path folder() throws IOException {
        return data.resolve("stack").toRealPath();
    }

    private static Connection connect() throws SQLException {
        return DriverManager.getConnection(stack.jdbcUrl(), stack.databaseUser(), stack.databasePassword());
    }
}
