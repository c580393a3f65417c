package io.cema.edge.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelSignatureTest {
    private final ModelSignature signature = new ModelSignature("m", "base", "input", 2, 2, "logits", 5);

    @Test
    void check_batch_countsIt() {
        assertThat(signature.check(call(new float[24], 2, 3, 2, 2))).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 257, 4294967297L})
    void check_batchOutOfRange_isRefused(long batch) {
        assertThatThrownBy(() -> signature.check(call(new float[12], batch, 3, 2, 2)))
                .isInstanceOf(InferenceRequestException.class)
                .hasMessageContaining("needs [1..256, 3, 2, 2]");
    }

    @Test
    void check_otherShape_isRefused() {
        assertThatThrownBy(() -> signature.check(call(new float[12], 12))).hasMessageContaining("has shape [12]");
    }

    @Test
    void check_fewerValuesThanTheShape_isRefused() {
        assertThatThrownBy(() -> signature.check(call(new float[11], 1, 3, 2, 2)))
                .hasMessageContaining("carries 11 values")
                .hasMessageContaining("needs 12");
    }

    @Test
    void check_infiniteValue_isRefusedWithItsPlace() {
        float[] values = new float[12];
        values[7] = Float.POSITIVE_INFINITY;

        assertThatThrownBy(() -> signature.check(call(values, 1, 3, 2, 2))).hasMessageContaining("value 7 is Infinity");
    }

    @Test
    void check_unknownOutput_isRefused() {
        InferenceCall call = new InferenceCall("m", "", List.of(tensor("input")), List.of("logits", "other"));

        assertThatThrownBy(() -> signature.check(call)).hasMessageContaining("has no output other; it has logits");
    }

    @Test
    void check_unknownInput_isRefused() {
        InferenceCall call = new InferenceCall("m", "", List.of(tensor("image")), List.of());

        assertThatThrownBy(() -> signature.check(call)).hasMessageContaining("has no input image; it has input");
    }

    @Test
    void check_twoInputs_areRefused() {
        InferenceCall call = new InferenceCall("m", "", List.of(tensor("input"), tensor("input")), List.of());

        assertThatThrownBy(() -> signature.check(call)).hasMessageContaining("brings 2 input tensors");
    }

    private static InferenceCall.Tensor tensor(String name) {
        return new InferenceCall.Tensor(name, List.of(1L, 3L, 2L, 2L), new float[12]);
    }

    private static InferenceCall call(float[] values, long... shape) {
        List<Long> dimensions = java.util.Arrays.stream(shape).boxed().toList();
        return new InferenceCall("m", "", List.of(new InferenceCall.Tensor("input", dimensions, values)), List.of());
    }
}
