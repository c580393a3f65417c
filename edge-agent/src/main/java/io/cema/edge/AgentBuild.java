package io.cema.edge;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Properties;

/**
 * Which build of the agent this is.
 *
 * @param version of the sources
 * @param time of the build, before which it cannot be now
 */
record AgentBuild(String version, Instant time) {
    /** The one that runs. */
    static AgentBuild own() {
        try (InputStream in = AgentBuild.class.getResourceAsStream("build.properties")) {
            Properties properties = new Properties();
            properties.load(in);
            return new AgentBuild(properties.getProperty("version"), Instant.parse(properties.getProperty("time")));
        } catch (IOException e) {
            throw new UncheckedIOException("build.properties cannot be read from the agent's jar", e);
        }
    }
}
