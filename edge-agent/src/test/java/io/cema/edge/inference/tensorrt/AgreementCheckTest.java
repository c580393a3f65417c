package io.cema.edge.inference.tensorrt;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.edge.TestModels;
import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.InferenceException;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.update.AffineFolder;
import org.junit.jupiter.api.Test;

class AgreementCheckTest {
    private final EngineFactory engines = new OnnxRuntimeEngineFactory(1);
    private final AffineFolder folder = new AffineFolder(TestModels.residual());
    private final byte[] onnx = folder.fold(folder.base());

    @Test
    void an_engine_of_the_same_file_agrees() {
        try (InferenceEngine engine = engines.open(onnx)) {
            assertThatCode(() -> new AgreementCheck(engines).check(engine, onnx, false))
                    .doesNotThrowAnyException();
        }
    }

    /** What a refit that went into the wrong engine, or not at all, would look like. */
    @Test
    void an_engine_with_other_weights_is_refused() {
        byte[] other = folder.fold(TestModels.difference(folder.base(), .5, 1).plus(folder.base()));
        try (InferenceEngine engine = engines.open(other)) {
            assertThatThrownBy(() -> new AgreementCheck(engines).check(engine, onnx, false))
                    .isInstanceOf(InferenceException.class)
                    .hasMessageContaining("does not agree with ONNX Runtime");
        }
    }

    @Test
    void what_is_not_finite_is_refused() {
        assertThatThrownBy(() -> AgreementCheck.compare(new float[] {1, Float.NaN}, new float[] {1, 2}, 1))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("NaN");
    }
}
