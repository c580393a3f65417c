package io.cema.edge.inference.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.edge.inference.InferenceException;
import org.junit.jupiter.api.Test;

class CommandLineLimitTest {
    @Test
    void aShortCommandLine_startsTheRuntime() {
        assertThat(CommandLineLimit.<String>checked(() -> "started")).isEqualTo("started");
    }

    @Test
    void aLongCommandLine_isAnErrorThatSaysWhatToDo() {
        assertThatThrownBy(() -> CommandLineLimit.check(CommandLineLimit.MAX_BYTES + 1))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("CLASSPATH");
    }
}
