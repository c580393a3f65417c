package io.cema.cloud.ingest;

import io.smallrye.common.annotation.Identifier;
import io.smallrye.reactive.messaging.kafka.KafkaConsumerRebalanceListener;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Default;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Which cohorts' samples this process stores: all that come where they come directly, those of its partitions where Kafka
 * divides them. Told by the consumer's thread, asked by any.
 */
@ApplicationScoped
@Default
@Identifier(SamplePlacement.LISTENER)
public class SamplePlacement implements KafkaConsumerRebalanceListener {
    static final String LISTENER = "sample-placement";

    /**
     * What is assigned here.
     *
     * @param of partitions of the topic in all, 0 if unknown
     */
    private record Share(Set<Integer> partitions, int of) {}

    private final boolean divided;
    private final String tenant;
    private volatile Share share = new Share(Set.of(), 0);

    SamplePlacement(SampleSettings settings, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.divided = settings.transport() == SampleTransport.KAFKA;
        this.tenant = tenant;
    }

    /** A hint: the partition may be on its way to another process. */
    public boolean here(String cohort) {
        Share now = share;
        return !divided || now.of() > 0 && now.partitions().contains(partition(key(tenant, cohort), now.of()));
    }

    /** A record's key: all samples of a cohort lie in one partition. */
    static String key(String tenant, String cohort) {
        return tenant + "/" + cohort;
    }

    /** As Kafka's producers choose it. */
    static int partition(String key, int partitions) {
        return Utils.toPositive(Utils.murmur2(key.getBytes(StandardCharsets.UTF_8))) % partitions;
    }

    @Override
    public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> assigned) {
        update(consumer, Set.of());
    }

    @Override
    public void onPartitionsRevoked(Consumer<?, ?> consumer, Collection<TopicPartition> revoked) {
        update(consumer, revoked);
    }

    private void update(Consumer<?, ?> consumer, Collection<TopicPartition> without) {
        Set<Integer> partitions = new HashSet<>();
        int of = 0;
        for (TopicPartition held : consumer.assignment()) {
            if (!without.contains(held)) {
                partitions.add(held.partition());
            }
            List<PartitionInfo> all = of == 0 ? consumer.partitionsFor(held.topic()) : List.of();
            of = Math.max(of, all.size());
        }
        share = new Share(Set.copyOf(partitions), of);
    }
}
