package io.cema.cloud.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.internals.AutoOffsetResetStrategy;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class SamplePlacementTest {
    private static final String TOPIC = "cema-default-samples";
    private static final int PARTITIONS = 12;

    @Test
    void partition_isTheOneThatProducersChoose() {
        for (int i = 0; i < 1000; i++) {
            String key = SamplePlacement.key("tenant", "cohort-" + i);

            assertThat(SamplePlacement.partition(key, PARTITIONS))
                    .isEqualTo(BuiltInPartitioner.partitionForKey(key.getBytes(StandardCharsets.UTF_8), PARTITIONS));
        }
    }

    @Test
    void directly_everyCohortIsHere() {
        assertThat(placement(SampleTransport.DIRECT).here("any")).isTrue();
    }

    @Test
    void beforePartitionsAreAssigned_noCohortIsHere() {
        assertThat(placement(SampleTransport.KAFKA).here("any")).isFalse();
    }

    @Test
    void cohorts_areWhereTheirPartitionIs() {
        SamplePlacement one = placement(SampleTransport.KAFKA);
        SamplePlacement other = placement(SampleTransport.KAFKA);
        one.onPartitionsAssigned(consumer(0, 6), List.of());
        other.onPartitionsAssigned(consumer(6, 12), List.of());

        for (int i = 0; i < 100; i++) {
            assertThat(one.here("cohort-" + i)).isNotEqualTo(other.here("cohort-" + i));
        }
    }

    @Test
    void revokedPartition_takesItsCohortsAway() {
        SamplePlacement placement = placement(SampleTransport.KAFKA);
        MockConsumer<String, byte[]> consumer = consumer(0, PARTITIONS);
        placement.onPartitionsAssigned(consumer, List.of());
        assertThat(placement.here("cohort")).isTrue();

        placement.onPartitionsRevoked(
                consumer,
                List.of(new TopicPartition(
                        TOPIC, SamplePlacement.partition(SamplePlacement.key("default", "cohort"), PARTITIONS))));

        assertThat(placement.here("cohort")).isFalse();
    }

    /** Kafka's own consumer without a network, with these partitions of the topic. */
    private static MockConsumer<String, byte[]> consumer(int from, int until) {
        MockConsumer<String, byte[]> consumer = new MockConsumer<>(AutoOffsetResetStrategy.EARLIEST.name());
        consumer.updatePartitions(
                TOPIC,
                IntStream.range(0, PARTITIONS)
                        .mapToObj(i -> new PartitionInfo(TOPIC, i, Node.noNode(), new Node[0], new Node[0]))
                        .toList());
        consumer.assign(IntStream.range(from, until)
                .mapToObj(i -> new TopicPartition(TOPIC, i))
                .toList());
        return consumer;
    }

    private static SamplePlacement placement(SampleTransport transport) {
        return new SamplePlacement(
                new SampleSettings() {
                    @Override
                    public SampleTransport transport() {
                        return transport;
                    }

                    @Override
                    public Duration expireAfter() {
                        return Duration.ofDays(30);
                    }

                    @Override
                    public Duration expiryInterval() {
                        return Duration.ofHours(1);
                    }
                },
                "default");
    }
}
