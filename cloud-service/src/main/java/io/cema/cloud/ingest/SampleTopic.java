package io.cema.cloud.ingest;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.jboss.logging.Logger;

/**
 * Makes the samples' topic where there is none, however long Kafka takes to appear: on a thread that ends with it. A topic
 * that an operator made is left as it is.
 */
@ApplicationScoped
class SampleTopic {
    private static final Logger LOG = Logger.getLogger(SampleTopic.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofSeconds(2);
    /** A record is a message of the broker with a few headers. */
    private static final int BESIDE_PAYLOAD = 64 * 1024;

    private final SampleSettings samples;
    private final KafkaSettings kafka;
    private final IngestSettings ingest;
    private final Map<String, Object> client;
    private volatile Thread thread;

    SampleTopic(
            SampleSettings samples,
            KafkaSettings kafka,
            IngestSettings ingest,
            @Identifier("default-kafka-broker") Map<String, Object> client) {
        this.samples = samples;
        this.kafka = kafka;
        this.ingest = ingest;
        this.client = client;
    }

    void start(@Observes StartupEvent event) {
        if (samples.transport() == SampleTransport.KAFKA) {
            thread = new Thread(this::makeWithPatience, "cema-sample-topic");
            thread.setDaemon(true);
            thread.start();
        }
    }

    void stop(@Observes ShutdownEvent event) {
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void makeWithPatience() {
        try {
            while (!made()) {
                Thread.sleep(PAUSE.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean made() throws InterruptedException {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.servers());
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        try (Admin admin = Admin.create(settings)) {
            admin.createTopics(List.of(topic())).all().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            LOG.infof("topic %s made with %d partitions", kafka.topic(), kafka.partitions());
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return true;
            }
            LOG.warnf("topic %s cannot be made at %s, trying again: %s", kafka.topic(), kafka.servers(), e.getCause());
        } catch (TimeoutException | RuntimeException e) {
            LOG.warnf("topic %s cannot be made at %s, trying again: %s", kafka.topic(), kafka.servers(), e);
        }
        return false;
    }

    private NewTopic topic() {
        return new NewTopic(kafka.topic(), Optional.of(kafka.partitions()), kafka.replication())
                .configs(Map.of(
                        TopicConfig.RETENTION_MS_CONFIG,
                        Long.toString(kafka.retention().toMillis()),
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        Integer.toString(ingest.maxPayloadBytes() + BESIDE_PAYLOAD)));
    }
}
