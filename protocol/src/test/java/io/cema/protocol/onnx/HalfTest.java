package io.cema.protocol.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HalfTest {
    @Test
    void of_everyHalf_comesBack() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = Half.toFloat((short) bits);
            if (Float.isNaN(value)) {
                assertThat(Half.toFloat(Half.of(value))).isNaN();
            } else {
                assertThat(Half.of(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void of_betweenTwoHalves_takesTheNearerAndOfTwoAsNearTheEven() {
        for (int bits = 0; bits < 0x7bff; bits++) {
            float low = Half.toFloat((short) bits);
            float middle = (low + Half.toFloat((short) (bits + 1))) / 2;
            assertThat(Half.of(middle)).isEqualTo((short) (bits % 2 == 0 ? bits : bits + 1));
            assertThat(Half.of(Math.nextDown(middle))).isEqualTo((short) bits);
            assertThat(Half.of(Math.nextUp(middle))).isEqualTo((short) (bits + 1));
        }
    }

    @Test
    void asFloat16_valueBeyondItsRange_namesTheTensor() {
        OnnxTensor tensor = OnnxTensor.of("head.bias", new float[] {1, 70_000}, 2);

        assertThatThrownBy(tensor::asFloat16)
                .isInstanceOf(OnnxFormatException.class)
                .hasMessageContaining("head.bias")
                .hasMessageContaining("70000");
    }

    @Test
    void asFloat16_keepsNameShapeAndRoundedValues() {
        OnnxTensor half = OnnxTensor.of("w", new float[] {1, -0.1f}, 2, 1).asFloat16();

        assertThat(half.type()).isEqualTo(OnnxTensor.Type.FLOAT16);
        assertThat(half.name()).isEqualTo("w");
        assertThat(half.dims()).containsExactly(2, 1);
        assertThat(half.floats()).containsExactly(1, -0.099975586f);
    }
}
