package io.cema.trt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCacheTest {
    private static final PlanKey KEY = key("model");

    @TempDir
    private Path folder;

    private PlanCache cache;
    private long second;

    @BeforeEach
    void open() throws IOException {
        cache = cache();
    }

    /** Each with a clock that is a second later. */
    private PlanCache cache() throws IOException {
        return new PlanCache(folder, 2, Clock.fixed(Instant.ofEpochSecond(1_700_000_000 + second++), ZoneOffset.UTC));
    }

    private static PlanKey key(String model) {
        return new PlanKey(
                model, "10.15.1", "Orin (8.7)", BuildOptions.defaults().canonical());
    }

    private static PlanCache.Entry entry(String plan) {
        return new PlanCache.Entry(plan.getBytes(StandardCharsets.UTF_8), new byte[] {1, 2, 3});
    }

    @Test
    void gives_back_plan_and_note_after_a_restart() throws IOException {
        cache.store(KEY, entry("the plan"));
        PlanCache.Entry found = cache().find(KEY).orElseThrow();
        assertThat(found.plan()).asString(StandardCharsets.UTF_8).isEqualTo("the plan");
        assertThat(found.note()).containsExactly(1, 2, 3);
    }

    @Test
    void knows_no_plan_of_another_model_library_gpu_or_options() throws IOException {
        cache.store(KEY, entry("the plan"));
        for (PlanKey other : List.of(
                key("another model"),
                new PlanKey(KEY.model(), "10.3.0", KEY.gpu(), KEY.options()),
                new PlanKey(KEY.model(), KEY.tensorRt(), "Orin Nano (8.7)", KEY.options()),
                new PlanKey(
                        KEY.model(),
                        KEY.tensorRt(),
                        KEY.gpu(),
                        BuildOptions.defaults().withBatch(1, 1, 8).canonical()))) {
            assertThat(cache.find(other)).as(other.text()).isEmpty();
        }
    }

    @Test
    void a_damaged_file_is_put_away_and_counts_as_absent() throws IOException {
        cache.store(KEY, entry("the plan"));
        Path file = only();
        byte[] sound = Files.readAllBytes(file);
        for (int i = 0; i < sound.length; i++) {
            byte[] damaged = sound.clone();
            damaged[i] ^= 0x10;
            Files.write(file, damaged);
            assertThat(cache.find(KEY)).as("byte %d", i).isEmpty();
            assertThat(file).doesNotExist();
        }
        for (int length = 0; length < sound.length; length++) {
            Files.write(file, java.util.Arrays.copyOf(sound, length));
            assertThat(cache.find(KEY)).as("%d bytes", length).isEmpty();
        }
        assertThat(file.resolveSibling(file.getFileName() + ".damaged")).exists();
    }

    @Test
    void a_file_under_a_wrong_name_is_not_taken() throws IOException {
        cache.store(KEY, entry("the plan"));
        Files.move(only(), folder.resolve(key("other").digest() + ".plan"));
        assertThat(cache.find(key("other"))).isEmpty();
    }

    @Test
    void keeps_the_plans_used_last() throws IOException {
        cache().store(key("a"), entry("a"));
        cache().store(key("b"), entry("b"));
        assertThat(cache().find(key("a"))).isPresent();
        cache().store(key("c"), entry("c"));
        assertThat(cache().find(key("a"))).isPresent();
        assertThat(cache().find(key("b"))).isEmpty();
        assertThat(cache().find(key("c"))).isPresent();
    }

    @Test
    void a_half_written_file_of_a_crash_is_no_plan() throws IOException {
        Files.write(folder.resolve(KEY.digest() + ".plan.new"), new byte[] {1, 2});
        assertThat(cache.find(KEY)).isEmpty();
        cache.store(KEY, entry("the plan"));
        assertThat(cache.find(KEY)).isPresent();
    }

    @Test
    void forgets() throws IOException {
        cache.store(KEY, entry("the plan"));
        cache.remove(KEY);
        assertThat(cache.find(KEY)).isEmpty();
    }

    @Test
    void keys_are_of_one_line_each() {
        assertThatThrownBy(() -> new PlanKey("a\nb", "10", "gpu", "options"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new PlanKey("", "10", "gpu", "options")).isInstanceOf(IllegalArgumentException.class);
    }

    private Path only() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".plan")).findFirst().orElseThrow();
        }
    }
}
