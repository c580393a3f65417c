package io.cema.cloud.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The configuration's filters are those of the topic grammar. */
class ChannelFiltersTest {
    @ParameterizedTest
    @CsvSource({"samples, SAMPLES", "presence, PRESENCE", "reported, REPORTED", "telemetry, TELEMETRY", "events, EVENT"
    })
    void filter_isTheGrammars(String channel, DeviceLeaf leaf) throws IOException {
        Properties properties = new Properties();
        try (InputStream file = getClass().getResourceAsStream("/application.properties")) {
            properties.load(file);
        }

        String filter = properties
                .getProperty("mp.messaging.incoming." + channel + ".filter")
                .replace("${cema.tenant}", "default");

        assertThat(filter).isEqualTo(Topics.allDevices("default", leaf));
    }
}
