package io.cema.trt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The life cycle of an engine, without one. */
class EngineUseTest {
    private final EngineUse use = new EngineUse();
    private int refits;

    @Test
    void runs_overlap() {
        use.enter();
        use.enter();
        use.leave();
        use.leave();
        assertThat(use.close()).isTrue();
    }

    @Test
    void no_refit_while_a_run_is_in_flight() {
        use.enter();
        assertThatThrownBy(() -> use.alone(() -> refits++))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("1 runs in flight")
                .hasMessageContaining("refit another one");
        use.leave();
        use.alone(() -> refits++);
        assertThat(refits).isEqualTo(1);
    }

    @Test
    void no_run_while_a_refit_is_in_progress() {
        use.alone(() -> assertThatThrownBy(use::enter)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("being refitted"));
        use.enter();
        use.leave();
    }

    @Test
    void a_failed_refit_does_not_lock_the_engine() {
        assertThatThrownBy(() -> use.alone(() -> {
                    throw new IllegalArgumentException("no such weight");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        use.alone(() -> refits++);
        assertThat(refits).isEqualTo(1);
    }

    @Test
    void is_not_closed_in_use() {
        use.enter();
        assertThatThrownBy(use::close).isInstanceOf(IllegalStateException.class).hasMessageContaining("in use");
        use.leave();
        assertThat(use.close()).isTrue();
    }

    @Test
    void nothing_goes_after_close() {
        use.close();
        assertThat(use.close()).as("closed before").isFalse();
        assertThatThrownBy(use::enter).hasMessage("the engine is closed");
        assertThatThrownBy(() -> use.alone(() -> refits++)).hasMessage("the engine is closed");
        assertThat(refits).isZero();
    }

    @Test
    void leaving_without_entering_is_a_mistake() {
        assertThatThrownBy(use::leave).isInstanceOf(IllegalStateException.class);
    }
}
