package io.cema.edge.inference.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cema.edge.TestModels;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.trt.BuildOptions;
import io.cema.trt.BuildOptions.Refit;
import io.cema.trt.Engine;
import io.cema.trt.InferenceRun;
import io.cema.trt.TensorRt;
import io.cema.trt.TensorRtException;
import io.cema.trt.TensorRtException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the library promises about bad input and life cycles, on a real GPU; here, since the nets' builder is at hand. */
@Tag("gpu")
class TensorRtLibraryGpuTest {
    private static TensorRt tensorRt;

    @BeforeAll
    static void open() {
        tensorRt = TensorRt.open();
    }

    @AfterAll
    static void close() {
        tensorRt.close();
    }

    private static byte[] plan(BuildOptions options) {
        return tensorRt.build(TestModels.residual().toBytes(), options, Set.of(), Optional.empty(), line -> {});
    }

    @Test
    void says_what_it_runs_on() {
        assertThat(tensorRt.gpu().name()).isNotBlank();
        assertThat(tensorRt.version()).startsWith("10.");
        assertThat(tensorRt.libraries()).hasSize(4);
    }

    @Test
    void a_timing_cache_is_written_and_a_bad_one_replaced(@TempDir Path folder) throws Exception {
        Path cache = folder.resolve("timing.cache");
        Files.write(cache, new byte[] {1, 2, 3});
        List<String> said = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            tensorRt.build(
                    TestModels.residual().toBytes(), BuildOptions.defaults(), Set.of(), Optional.of(cache), said::add);
        }
        assertThat(Files.size(cache)).isGreaterThan(3);
        assertThat(said).anyMatch(line -> line.startsWith("no timing cache"));
        assertThat(said).anyMatch(line -> line.startsWith("timing cache of"));
    }

    @Test
    void an_unknown_node_is_named() {
        OnnxBuilder graph = new OnnxBuilder("odd", 17, 1);
        String x = graph.node(
                "the-odd-one",
                "NoSuchOperator",
                io.cema.protocol.onnx.OnnxAttributes.none(),
                graph.input("input", 8, 8));
        byte[] onnx = graph.output("logits", graph.linear("fc", graph.flatten(graph.globalAveragePool(x)), 3, 4), 4)
                .toBytes();
        TensorRtException refused = catchThrowableOfType(
                TensorRtException.class,
                () -> tensorRt.build(onnx, BuildOptions.defaults(), Set.of(), Optional.empty(), line -> {}));
        assertThat(refused.reason()).isEqualTo(Reason.MODEL_REJECTED);
        assertThat(refused).hasMessageContaining("the-odd-one").hasMessageContaining("NoSuchOperator");
    }

    @Test
    void bytes_that_are_no_model_are_refused() {
        assertThatThrownBy(() -> tensorRt.build(
                        new byte[] {1, 2, 3}, BuildOptions.defaults(), Set.of(), Optional.empty(), line -> {}))
                .isInstanceOf(TensorRtException.class);
    }

    @Test
    void a_foreign_plan_is_refused() {
        TensorRtException refused = catchThrowableOfType(TensorRtException.class, () -> tensorRt.load(new byte[4096]));
        assertThat(refused.reason()).isEqualTo(Reason.PLAN_REJECTED);
    }

    @Test
    void refit_names_the_weight_that_is_missing_or_misshapen() {
        try (Engine engine = tensorRt.load(plan(BuildOptions.defaults().with(Refit.ALL)))) {
            String known = engine.refittable().get(0);
            assertThatThrownBy(() -> engine.refit(Map.of("no.such.weight", new float[4])))
                    .isInstanceOf(TensorRtException.class)
                    .hasMessageContaining("no.such.weight");
            assertThatThrownBy(() -> engine.refit(Map.of(known, new float[1_000_003])))
                    .isInstanceOf(TensorRtException.class)
                    .hasMessageContaining(known)
                    .hasMessageContaining("1000003");
        }
    }

    @Test
    void an_engine_not_built_for_it_is_not_refitted() {
        try (Engine engine = tensorRt.load(plan(BuildOptions.defaults()))) {
            assertThat(engine.refittable()).isEmpty();
            assertThatThrownBy(() -> engine.refit(Map.of("conv1.weight", new float[4])))
                    .isInstanceOf(TensorRtException.class);
        }
    }

    @Test
    void the_same_input_gives_the_same_output_with_the_graph_as_before_it() {
        try (Engine engine = tensorRt.load(plan(BuildOptions.defaults()));
                InferenceRun run = engine.newRun(2)) {
            for (int i = 0; i < 2 * engine.inputLength(); i++) {
                run.input().put(i, (float) Math.sin(i));
            }
            run.run();
            float[] first = new float[2 * engine.outputLength()];
            run.output().get(0, first);
            for (int i = 0; i < 100; i++) {
                run.run();
                float[] again = new float[first.length];
                run.output().get(0, again);
                assertThat(again).containsExactly(first);
            }
        }
    }

    @Test
    void batches_outside_the_profile_are_refused() {
        try (Engine engine = tensorRt.load(plan(BuildOptions.defaults().withBatch(1, 2, 4)))) {
            assertThatThrownBy(() -> engine.newRun(5)).hasMessageContaining("batches of 1 to 4, not 5");
        }
    }

    @Test
    void native_memory_comes_back() {
        byte[] plan = plan(BuildOptions.defaults());
        long before = 0;
        for (int i = 0; i < 60; i++) {
            try (Engine engine = tensorRt.load(plan);
                    InferenceRun run = engine.newRun(1)) {
                run.run();
            }
            if (i == 20) {
                before = org.bytedeco.javacpp.Pointer.physicalBytes();
            }
        }
        // Forty engines of a leaking machine would be hundreds of megabytes.
        assertThat(org.bytedeco.javacpp.Pointer.physicalBytes() - before).isLessThan(64L << 20);
    }
}
