package io.cema.trt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.trt.BuildOptions.Refit;
import io.cema.trt.BuildOptions.Typing;
import java.util.List;
import org.junit.jupiter.api.Test;

class BuildOptionsTest {
    private static final BuildOptions DEFAULTS = BuildOptions.defaults();

    @Test
    void every_option_shows_in_the_canonical_line() {
        List<BuildOptions> all = List.of(
                DEFAULTS,
                DEFAULTS.with(Typing.MIXED),
                DEFAULTS.with(Typing.QUANTIZED),
                DEFAULTS.with(Refit.NAMED),
                DEFAULTS.with(Refit.ALL),
                DEFAULTS.withSparseWeights(true),
                DEFAULTS.withBatch(2, 4, 16),
                DEFAULTS.withBatch(1, 2, 16),
                DEFAULTS.withBatch(1, 1, 8),
                DEFAULTS.withWorkspace(1 << 20),
                new BuildOptions(Typing.STRONG, false, Refit.NONE, 1, 1, 16, 0, 5, false, false),
                new BuildOptions(Typing.STRONG, false, Refit.NONE, 1, 1, 16, 0, 3, true, false),
                new BuildOptions(Typing.STRONG, false, Refit.NONE, 1, 1, 16, 0, 3, false, true));
        assertThat(all.stream().map(BuildOptions::canonical)).doesNotHaveDuplicates();
        assertThat(DEFAULTS.canonical()).doesNotContain("\n");
    }

    @Test
    void batches_are_in_order() {
        assertThatThrownBy(() -> DEFAULTS.withBatch(0, 1, 1)).hasMessageContaining("1 <= min <= opt <= max");
        assertThatThrownBy(() -> DEFAULTS.withBatch(2, 1, 4)).hasMessageContaining("are 2, 1, 4");
        assertThatThrownBy(() -> DEFAULTS.withBatch(1, 8, 4)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void workspace_and_level_have_bounds() {
        assertThatThrownBy(() -> DEFAULTS.withWorkspace(-1)).hasMessageContaining("workspace");
        assertThatThrownBy(() -> new BuildOptions(Typing.STRONG, false, Refit.NONE, 1, 1, 1, 0, 6, false, false))
                .hasMessageContaining("0 to 5");
    }
}
