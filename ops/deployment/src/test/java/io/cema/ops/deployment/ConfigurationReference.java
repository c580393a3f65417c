package io.cema.ops.deployment;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The text of ops/docs/configuration.md, and the keys in it. */
final class ConfigurationReference {
    private static final List<String> FRAMEWORK = List.of("quarkus.http.host", "quarkus.http.port");

    private ConfigurationReference() {}

    static List<Setting> cloud() throws IOException {
        return settings("cloud-service");
    }

    static List<Setting> edge() throws IOException {
        return settings("edge-agent");
    }

    static String text() throws IOException {
        StringBuilder text = new StringBuilder(
                """
                # Settings

                Made from the sources by `ConfigurationReferenceTest`; change the Javadoc there, not this file.

                A setting is given as `KEY=VALUE` behind `ops/cema cloud` or `ops/cema edge`, as the Java property of that name, in
                a properties file named by `SMALLRYE_CONFIG_LOCATIONS`, or in the environment: in capitals, with `_` for whatever is
                no letter or digit (`CEMA_MQTT_TLS_TRUST`). Durations are written `10s`, `5m`, `PT1H` or `P30D`. A misspelt setting
                below a prefix of these tables ends the start. Further settings of Quarkus work, and are not needed.
                """);
        section(text, "Cloud service", cloud());
        section(text, "Edge agent", edge());
        return text.toString();
    }

    private static void section(StringBuilder text, String title, List<Setting> settings) {
        text.append("\n## ").append(title).append("\n");
        Map<String, List<Setting>> groups = new TreeMap<>();
        for (Setting setting : settings) {
            String[] parts = setting.key().split("\\.");
            groups.computeIfAbsent(parts.length < 3 ? parts[0] : parts[0] + "." + parts[1], k -> new ArrayList<>())
                    .add(setting);
        }
        groups.forEach((group, members) -> {
            text.append("\n### ")
                    .append(group)
                    .append("\n\n| setting | values | default | what |\n|---|---|---|---|\n");
            members.forEach(member -> text.append(member.row()));
        });
    }

    /** What the mappings have, and what stands in application.properties alone or stands there otherwise. */
    private static List<Setting> settings(String module) throws IOException {
        Map<String, Setting> settings = new LinkedHashMap<>();
        for (Setting setting : SettingsReader.of(Repository.ROOT.resolve(module + "/src/main/java"))) {
            settings.put(setting.key(), setting);
        }
        String comment = "";
        for (String line : Repository.text(module + "/src/main/resources/application.properties")
                .lines()
                .toList()) {
            int equals = line.indexOf('=');
            if (line.startsWith("#")) {
                comment = (comment + " " + line.substring(1).strip()).strip();
            } else if (equals > 0 && (line.startsWith("cema.") || FRAMEWORK.contains(line.substring(0, equals)))) {
                String key = line.substring(0, equals);
                Setting known = settings.getOrDefault(key, new Setting(key, Optional.empty(), false, "text", comment));
                settings.put(
                        key,
                        new Setting(key, Optional.of(line.substring(equals + 1)), false, known.values(), known.doc()));
                comment = "";
            } else {
                comment = "";
            }
        }
        return List.copyOf(settings.values());
    }
}
