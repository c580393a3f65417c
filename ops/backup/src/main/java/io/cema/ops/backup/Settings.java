package io.cema.ops.backup;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where the service keeps its things, by the names and defaults of its own settings.
 *
 * @param user owner of the tables
 */
record Settings(Path dataFolder, String url, String user, String password) {
    private static final Map<String, String> DEFAULTS = Map.of(
            "cema.data-dir", ".cema/cloud",
            "cema.database.host", "127.0.0.1",
            "cema.database.port", "5432",
            "cema.database.name", "cema",
            "cema.database.user", "cema",
            "cema.database.password", "cema");

    /**
     * @param given KEY=VALUE, first of all
     * @param environment then CEMA_DATABASE_PASSWORD and the like
     */
    static Settings of(List<String> given, Map<String, String> environment) {
        Map<String, String> values = new HashMap<>(DEFAULTS);
        values.replaceAll((key, value) -> environment.getOrDefault(
                key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_'), value));
        for (String setting : given) {
            int equals = setting.indexOf('=');
            String key = equals < 0 ? setting : setting.substring(0, equals);
            if (equals < 0 || !DEFAULTS.containsKey(key)) {
                throw new BackupException("\"" + setting + "\" is no setting of a backup; write KEY=VALUE with one of "
                        + DEFAULTS.keySet().stream().sorted().toList());
            }
            values.put(key, setting.substring(equals + 1));
        }
        return new Settings(
                Path.of(values.get("cema.data-dir")).toAbsolutePath(),
                "jdbc:postgresql://" + values.get("cema.database.host") + ":" + values.get("cema.database.port") + "/"
                        + values.get("cema.database.name"),
                values.get("cema.database.user"),
                values.get("cema.database.password"));
    }

    Connection connect() {
        try {
            return DriverManager.getConnection(url, user, password);
        } catch (SQLException e) {
            throw new BackupException(
                    "the database " + url + " does not let " + user + " in: " + e.getMessage()
                            + "; see cema.database.host, port, name, user and CEMA_DATABASE_PASSWORD",
                    e);
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "Settings[" + dataFolder + ", " + user + " at " + url + "]";
    }
}
