package io.cema.edge.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.edge.TestModels;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import org.junit.jupiter.api.Test;

class InferenceCounterTest {
    private final InferenceCounter counter = new InferenceCounter();
    private final EngineFactory engines = counter.counting(new OnnxRuntimeEngineFactory(1));

    @Test
    void images_ofAllEnginesAndBatches_areCounted() {
        byte[] model = TestModels.residual().toBytes();
        try (InferenceEngine first = engines.open(model);
                InferenceEngine second = engines.open(model)) {
            first.logits(TestModels.randomInput(2, 192, 4), 2);
            second.logits(TestModels.randomInput(1, 192, 4), 1);
        }

        assertThat(counter.images()).isEqualTo(3);
    }

    @Test
    void runThatFails_isNotCounted() {
        try (InferenceEngine engine = engines.open(TestModels.residual().toBytes())) {
            assertThatThrownBy(() -> engine.logits(new float[3], 2)).isInstanceOf(InferenceException.class);
        }

        assertThat(counter.images()).isZero();
    }
}
