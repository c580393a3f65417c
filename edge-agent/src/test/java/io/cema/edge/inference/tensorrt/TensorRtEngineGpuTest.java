package io.cema.edge.inference.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.edge.SharedData;
import io.cema.edge.TestModels;
import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.update.AffineFolder;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.trt.BuildOptions.Refit;
import io.cema.trt.TensorRt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The adapter on a real GPU. */
@Tag("gpu")
class TensorRtEngineGpuTest {
    /** Of the largest logit, float32 without TF32 alone: summation order. */
    private static final double EXACT = 2e-2;
    /** INT8: a value between two steps may take the other one. */
    private static final double QUANTIZED = 0.1;

    private final EngineFactory reference = new OnnxRuntimeEngineFactory(1);

    @TempDir
    private Path plans;

    private TensorRtEngineFactory engines;

    @BeforeEach
    void open() throws IOException {
        engines = factory();
    }

    private TensorRtEngineFactory factory() throws IOException {
        return new TensorRtEngineFactory(
                TensorRt.open(), reference, new TensorRtSettings(plans, Refit.NAMED, false, 64, 2, 0));
    }

    @AfterEach
    void close() {
        engines.close();
    }

    @Test
    void small_nets_agree_with_onnx_runtime_at_every_batch() {
        for (OnnxModel model : List.of(TestModels.residual(), TestModels.concat(), TestModels.layerNorm())) {
            for (int batch : new int[] {1, 3, 64, 70}) {
                assertAgrees(model.toBytes(), batch, EXACT);
            }
        }
    }

    @Test
    void resnet20_agrees_with_onnx_runtime_at_batch_1_and_64() throws IOException {
        byte[] onnx = Files.readAllBytes(SharedData.require("cifar10/resnet20-cifar10.onnx"));
        assertAgrees(onnx, 1, EXACT);
        assertAgrees(onnx, 64, EXACT);
    }

    @Test
    void the_compressed_model_runs_on_integers_and_agrees() throws IOException {
        byte[] onnx = Files.readAllBytes(Path.of("../ops/demo/models/signs-edge-int8.onnx"));
        assertAgrees(onnx, 1, QUANTIZED);
        assertAgrees(onnx, 64, QUANTIZED);
    }

    @Test
    void an_update_is_refitted_into_the_plan_of_its_model() throws IOException {
        AffineFolder folder = new AffineFolder(TestModels.residual());
        for (int round = 0; round < 5; round++) {
            AffineParameters affine =
                    TestModels.difference(folder.base(), .1, round).plus(folder.base());
            assertAgrees(folder.fold(affine), 4, EXACT);
            assertThat(builtPlans()).as("round %d", round).isEqualTo(1);
        }
    }

    @Test
    void an_update_of_the_compressed_model_is_refitted() throws IOException {
        byte[] onnx = Files.readAllBytes(Path.of("../ops/demo/models/signs-edge-int8.onnx"));
        AffineFolder folder = new AffineFolder(OnnxModel.parse(onnx));
        for (int round = 0; round < 3; round++) {
            AffineParameters affine =
                    TestModels.difference(folder.base(), .001, round).plus(folder.base());
            assertAgrees(folder.fold(affine), 4, QUANTIZED);
            assertThat(builtPlans()).as("round %d", round).isEqualTo(1);
        }
    }

    @Test
    void a_restart_builds_nothing_anew() throws IOException {
        byte[] onnx = TestModels.residual().toBytes();
        assertAgrees(onnx, 1, EXACT);
        byte[] plan = Files.readAllBytes(onlyPlan());
        engines.close();
        engines = factory();
        assertAgrees(onnx, 1, EXACT);
        assertThat(Files.readAllBytes(onlyPlan())).isEqualTo(plan);
    }

    @Test
    void a_damaged_plan_is_built_again() throws IOException {
        byte[] onnx = TestModels.residual().toBytes();
        assertAgrees(onnx, 1, EXACT);
        byte[] plan = Files.readAllBytes(onlyPlan());
        plan[plan.length / 2] ^= 1;
        Files.write(onlyPlan(), plan);
        engines.close();
        engines = factory();
        assertAgrees(onnx, 1, EXACT);
    }

    @Test
    void what_serves_goes_on_while_updates_come() throws Exception {
        AffineFolder folder = new AffineFolder(TestModels.residual());
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService clients = Executors.newFixedThreadPool(4);
        try (InferenceEngine serving = engines.open(folder.fold(folder.base()))) {
            float[] input = noise(serving.inputLength(), 2);
            float[] want = serving.logits(input, 2);
            List<Future<Integer>> served = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Callable<Integer> client = () -> {
                    int runs = 0;
                    while (!done.get()) {
                        assertThat(serving.logits(input, 2)).containsExactly(want);
                        runs++;
                    }
                    return runs;
                };
                served.add(clients.submit(client));
            }
            for (int update = 0; update < 10; update++) {
                engines.open(folder.fold(
                                TestModels.difference(folder.base(), .1, update).plus(folder.base())))
                        .close();
            }
            done.set(true);
            assertServed(served);
        } finally {
            done.set(true);
            clients.shutdown();
        }
    }

    private static void assertServed(List<Future<Integer>> served) throws InterruptedException, ExecutionException {
        for (Future<Integer> client : served) {
            assertThat(client.get()).isPositive();
        }
    }

    @Test
    void a_closed_engine_is_an_exception_and_no_crash() {
        InferenceEngine engine = engines.open(TestModels.residual().toBytes());
        float[] input = noise(engine.inputLength(), 1);
        engine.close();
        engine.close();
        assertThatThrownBy(() -> engine.logits(input, 1)).isInstanceOf(IllegalStateException.class);
    }

    private void assertAgrees(byte[] onnx, int batch, double tolerance) {
        try (InferenceEngine engine = engines.open(onnx);
                InferenceEngine golden = reference.open(onnx)) {
            float[] input = noise(engine.inputLength(), batch);
            AgreementCheck.compare(engine.logits(input, batch), golden.logits(input, batch), tolerance);
        }
    }

    private static float[] noise(int length, int batch) {
        Random random = new Random(7);
        float[] input = new float[length * batch];
        for (int i = 0; i < input.length; i++) {
            input[i] = (float) random.nextGaussian();
        }
        return input;
    }

    private long builtPlans() throws IOException {
        try (Stream<Path> files = Files.list(plans)) {
            return files.filter(f -> f.toString().endsWith(".plan")).count();
        }
    }

    private Path onlyPlan() throws IOException {
        try (Stream<Path> files = Files.list(plans)) {
            return files.filter(f -> f.toString().endsWith(".plan")).findFirst().orElseThrow();
        }
    }
}
