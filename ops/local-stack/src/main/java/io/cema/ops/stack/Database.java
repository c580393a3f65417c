package io.cema.ops.stack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real PostgreSQL as a child of this process, listening on the loopback interface with passwords, its files in one
 * folder. It is shut down cleanly when this process ends in any way; a server left over from a process that was killed
 * is shut down before the next start.
 */
final class Database implements AutoCloseable {
    /** Name of the database and of the role that owns it. The role is no superuser: row-level security binds it. */
    static final String NAME = "cema";

    private static final String SUPERUSER = "postgres";
    private static final long START_SECONDS = 60;
    private static final long STOP_SECONDS = 20;

    private final FolderLock lock;
    private final GuardedProcess server;
    private final int port;

    private Database(FolderLock lock, GuardedProcess server, int port) {
        this.lock = lock;
        this.server = server;
        this.port = port;
    }

    /**
     * Starts it, makes role and database if they are not there, and returns once they can be used.
     *
     * @param folder everything it keeps
     * @param wantedPort 0 for any free one
     * @param password of the role {@link #NAME}; set anew at each start
     */
    static Database start(Path folder, int wantedPort, String password)
            throws IOException, InterruptedException, SQLException {
        FolderLock lock = FolderLock.take(folder);
        GuardedProcess server = null;
        try {
            PostgresUser user = PostgresUser.find();
            Path binaries = PostgresBinaries.unpack(binariesFolder(folder));
            Path data = folder.resolve("data");
            Path log = folder.resolve("postgresql.log");
            String superuserPassword = initialise(folder, binaries, data, user);
            stopLeftOver(data);
            int port = Ports.claim(wantedPort, "database", "--postgres-port");
            server = launch(binaries, data, user, port, log);
            makeRoleAndDatabase(port, superuserPassword, password);
            return new Database(lock, server, port);
        } catch (IOException | InterruptedException | SQLException | RuntimeException e) {
            if (server != null) {
                server.stop(STOP_SECONDS);
            }
            lock.close();
            throw e;
        }
    }

    int port() {
        return port;
    }

    /** Runs when the server has ended, wished or not, on some other thread. */
    void onExit(Runnable action) {
        server.onExit(action);
    }

    /** One for all data folders of a checkout where the starter names it, else one per data folder. */
    private static Path binariesFolder(Path folder) {
        String shared = System.getProperty("cema.postgres.binaries");
        return shared == null ? folder.resolve("postgresql") : Path.of(shared).toAbsolutePath();
    }

    /** @return the superuser's password */
    private static String initialise(Path folder, Path binaries, Path data, PostgresUser user)
            throws IOException, InterruptedException {
        Path passwordFile = folder.resolve("superuser.password");
        if (Files.exists(data.resolve("PG_VERSION"))) {
            return Files.readString(passwordFile).strip();
        }
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        Files.deleteIfExists(passwordFile);
        Files.createFile(
                passwordFile, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(passwordFile, HexFormat.of().formatHex(random) + "\n");

        // Made beside and moved, so that a start that was cut off leaves no half database behind.
        Path workspace = folder.resolve("initialising");
        PostgresFiles.deleteTree(workspace);
        Files.createDirectories(workspace);
        Files.copy(passwordFile, workspace.resolve("password"));
        user.own(workspace);
        List<String> command = new ArrayList<>(user.prefix());
        command.addAll(List.of(
                binaries.resolve("bin/initdb").toString(),
                "--pgdata=" + workspace.resolve("data"),
                "--username=" + SUPERUSER,
                "--pwfile=" + workspace.resolve("password"),
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-instructions"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new StackException(
                    "initdb in " + folder + " failed with status " + process.exitValue() + ":\n" + output.strip());
        }
        Files.move(workspace.resolve("data"), data, StandardCopyOption.ATOMIC_MOVE);
        PostgresFiles.deleteTree(workspace);
        return Files.readString(passwordFile).strip();
    }

    /** A killed parent's server: its guard is shutting it down or was killed too. Afterwards nobody uses the folder. */
    private static void stopLeftOver(Path data) throws IOException, InterruptedException {
        Path pidFile = data.resolve("postmaster.pid");
        ProcessHandle left = PostgresFiles.server(pidFile, data).orElse(null);
        if (left != null) {
            for (String signal : List.of("INT", "QUIT", "KILL")) {
                new ProcessBuilder("sh", "-c", "kill -" + signal + " " + left.pid())
                        .start()
                        .waitFor();
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
                while (left.isAlive() && System.nanoTime() < end) {
                    Thread.sleep(50);
                }
                if (!left.isAlive()) {
                    break;
                }
            }
            if (left.isAlive()) {
                throw new StackException("a PostgreSQL left over from before (process " + left.pid() + ") holds " + data
                        + " and does not end; end it by hand");
            }
        }
        // What stands there now names a process that is gone, or by chance a later one that is no PostgreSQL.
        Files.deleteIfExists(pidFile);
    }

    private static GuardedProcess launch(Path binaries, Path data, PostgresUser user, int port, Path log)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(user.prefix());
        command.addAll(List.of(binaries.resolve("bin/postgres").toString(), "-D", data.toString()));
        Map.of(
                        "listen_addresses", Ports.LOOPBACK,
                        "port", Integer.toString(port),
                        "unix_socket_directories", "",
                        "max_connections", "100",
                        "shared_buffers", "64MB",
                        "timezone", "UTC",
                        "log_timezone", "UTC")
                .forEach((key, value) -> command.addAll(List.of("-c", key + "=" + value)));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (true) {
            long logged = Files.exists(log) ? Files.size(log) : 0;
            // INT is PostgreSQL's fast shutdown: clients are disconnected, everything is written.
            GuardedProcess server = GuardedProcess.start("postgres", command, Map.of(), log, "INT");
            while (server.alive() && !Ports.accepts(port)) {
                if (System.nanoTime() > end) {
                    server.stop(STOP_SECONDS);
                    throw new StackException("PostgreSQL did not start within " + START_SECONDS + " s, see " + log);
                }
                Thread.sleep(50);
            }
            if (server.alive()) {
                return server;
            }
            String said = PostgresFiles.textFrom(log, logged);
            // Workers of a killed server take a moment to see that it is gone.
            if (!said.contains("shared memory block") || System.nanoTime() > end) {
                throw new StackException("PostgreSQL does not start in " + data + " on port " + port + ": "
                        + said.strip() + "\n(see " + log + ")");
            }
            Thread.sleep(200);
        }
    }

    private static void makeRoleAndDatabase(int port, String superuserPassword, String password)
            throws SQLException, InterruptedException {
        try (Connection connection = connect(port, superuserPassword);
                Statement statement = connection.createStatement()) {
            if (!exists(connection, "select 1 from pg_roles where rolname = ?")) {
                statement.execute("create role " + NAME + " login nosuperuser nocreatedb nocreaterole");
            }
            statement.execute(quoted(connection, "alter role " + NAME + " password %L", password));
            if (!exists(connection, "select 1 from pg_database where datname = ?")) {
                statement.execute("create database " + NAME + " owner " + NAME);
            }
        }
    }

    /** Waits out the moment in which the port is open and the server still recovers. */
    private static Connection connect(int port, String password) throws SQLException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (true) {
            try {
                return DriverManager.getConnection(url(port, SUPERUSER), SUPERUSER, password);
            } catch (SQLException e) {
                boolean starting = "57P03".equals(e.getSQLState());
                if (!starting || System.nanoTime() > end) {
                    throw e;
                }
                Thread.sleep(100);
            }
        }
    }

    static String url(int port, String database) {
        return "jdbc:postgresql://" + Ports.LOOPBACK + ":" + port + "/" + database;
    }

    private static boolean exists(Connection connection, String query) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, NAME);
            return statement.executeQuery().next();
        }
    }

    private static String quoted(Connection connection, String format, String value) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select format(?, ?::text)")) {
            statement.setString(1, format);
            statement.setString(2, value);
            ResultSet result = statement.executeQuery();
            result.next();
            return result.getString(1);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        try {
            if (!server.stop(STOP_SECONDS)) {
                throw new StackException("PostgreSQL on port " + port + " did not stop within " + STOP_SECONDS
                        + " s and was killed; it recovers at the next start");
            }
        } finally {
            lock.close();
        }
    }
}
