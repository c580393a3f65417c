package io.cema.edge.serving;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.edge.inference.InferenceException;
import org.junit.jupiter.api.Test;

class InferenceAnswerTest {
    @Test
    void answer_withALogitThatIsNoNumber_isNone() {
        float[] logits = {1, 2, 3, Float.NaN};

        assertThatThrownBy(() -> new InferenceAnswer("m", "base", "logits", 2, 2, logits))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("NaN for class 1 of image 1");
    }
}
