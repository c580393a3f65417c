package io.cema.bench.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.protocol.image.Image;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StreamProtocolTest {
    private static final Image IMAGE = new Image(1, 1, new byte[3]);
    private static final List<List<Item>> DOMAINS = List.of(domain("fog"), domain("dark"));

    @Test
    void reset_hasAnEpisodeForEachDomain() {
        assertThat(StreamProtocol.RESET.episodes(DOMAINS, 1)).isEqualTo(DOMAINS);
    }

    @Test
    void continual_hasOneEpisodeInOrder() {
        List<List<Item>> episodes = StreamProtocol.CONTINUAL.episodes(DOMAINS, 1);

        assertThat(episodes).hasSize(1);
        assertThat(episodes.get(0))
                .extracting(Item::corruption)
                .startsWith("fog")
                .endsWith("dark")
                .hasSize(40);
    }

    @Test
    void mixed_keepsEveryImageAndBreaksTheOrder() {
        List<Item> mixed = StreamProtocol.MIXED.episodes(DOMAINS, 1).get(0);

        assertThat(mixed)
                .hasSize(40)
                .isNotEqualTo(StreamProtocol.CONTINUAL.episodes(DOMAINS, 1).get(0));
        assertThat(mixed.subList(0, 20)).extracting(Item::corruption).contains("fog", "dark");
    }

    @Test
    void recurring_comesBackOnOtherImages() {
        List<Item> twice = StreamProtocol.RECURRING.episodes(DOMAINS, 1).get(0);

        assertThat(twice)
                .extracting(i -> i.corruption() + i.visit())
                .containsSubsequence("fog1", "dark1", "fog2", "dark2")
                .hasSize(40);
    }

    @Test
    void correlated_comesInRunsOfAClass() {
        List<Item> runs = StreamProtocol.CORRELATED.episodes(DOMAINS, 1).get(0);

        assertThat(runs).extracting(Item::label).startsWith(0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0);
    }

    @Test
    void of_unknown_namesTheChoices() {
        assertThatThrownBy(() -> StreamProtocol.of("shuffled"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shuffled")
                .hasMessageContaining("mixed");
    }

    private static List<Item> domain(String name) {
        return IntStream.range(0, 20)
                .mapToObj(i -> new Item(name, 5, 1, IMAGE, i % 2))
                .toList();
    }
}
