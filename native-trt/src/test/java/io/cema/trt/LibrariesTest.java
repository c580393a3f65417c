package io.cema.trt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.cema.trt.Libraries.Step;
import io.cema.trt.TensorRtException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class LibrariesTest {
    @Test
    void says_what_was_found_what_is_missing_and_what_helps() {
        List<Step> steps = List.of(
                new Step("driver", "Install the driver", () -> "580.1"),
                new Step("libnvinfer", "Install TensorRT", () -> {
                    throw new UnsatisfiedLinkError("libnvinfer.so.10: cannot open shared object file");
                }),
                new Step("parser", "Install the parser", () -> "10.15"));
        TensorRtException refused = catchThrowableOfType(TensorRtException.class, () -> Libraries.walk(steps));
        assertThat(refused.reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(refused)
                .hasMessage("TensorRT cannot be used: libnvinfer: libnvinfer.so.10: cannot open shared object file."
                        + " Found: driver 580.1. Install TensorRT");
    }

    @Test
    void gives_the_innermost_cause() {
        NoClassDefFoundError outer = new NoClassDefFoundError("Could not initialize class");
        outer.initCause(new UnsatisfiedLinkError("libcuda.so.1: no such file"));
        List<Step> steps = List.of(new Step("CUDA", "Install it", () -> {
            throw outer;
        }));
        assertThatThrownBy(() -> Libraries.walk(steps))
                .hasMessageContaining("CUDA: libcuda.so.1: no such file. Found: nothing so far. Install it");
    }

    @Test
    void lists_all_when_nothing_is_missing() {
        assertThat(Libraries.walk(List.of(new Step("a", "", () -> "1"), new Step("b", "", () -> "2"))))
                .containsExactly("a 1", "b 2");
    }

    @Test
    void a_machine_without_a_driver_is_told_so() {
        assumeFalse(
                Files.exists(Path.of("/dev/nvidiactl")) || Files.exists(Path.of("/dev/nvmap")), "there is a GPU here");
        TensorRtException refused = catchThrowableOfType(TensorRtException.class, TensorRt::open);
        assertThat(refused.reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(refused).hasMessageContaining("libcuda").hasMessageContaining("Install the NVIDIA driver");
        // The bindings' classes cannot be initialised a second time: the reason must not get lost by that.
        assertThatThrownBy(TensorRt::open).hasMessage(refused.getMessage());
    }
}
