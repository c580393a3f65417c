package io.cema.cloud.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The one setting moves both ends of the way between broker and database. */
class SampleTransportTest {
    @ParameterizedTest
    @CsvSource({"direct, cema-idle", "kafka, smallrye-kafka"})
    void bothEnds_haveTheTransportsConnector(String transport, String connector) throws IOException {
        SmallRyeConfig config = config(transport);

        assertThat(config.getValue("mp.messaging.outgoing.samples-to-kafka.connector", String.class))
                .isEqualTo(connector);
        assertThat(config.getValue("mp.messaging.incoming.samples-from-kafka.connector", String.class))
                .isEqualTo(connector);
        assertThat(config.getValue("mp.messaging.incoming.samples.connector", String.class))
                .isEqualTo("cema-mqtt");
    }

    @Test
    void unknownTransport_endsTheStart() throws IOException {
        SmallRyeConfig config = config("pigeon");

        assertThatThrownBy(() -> config.getValue("mp.messaging.incoming.samples-from-kafka.connector", String.class))
                .hasMessageContaining("samples.ends.pigeon");
    }

    private static SmallRyeConfig config(String transport) throws IOException {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withSources(new PropertiesConfigSource(
                        SampleTransportTest.class.getResource("/application.properties"), 100))
                .withSources(new PropertiesConfigSource(Map.of("cema.samples.transport", transport), "given", 200))
                .build();
    }
}
