package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class GroupsTest {
    private final Groups groups = new Groups(new int[] {2, 0, 2, 0, 5});

    @Test
    void forEach_callsWithMembersOfGroupsThatHaveAny() {
        List<String> seen = new ArrayList<>();

        groups.forEach((group, members) -> seen.add(group + ":" + Arrays.toString(members)));

        assertThat(seen).containsExactly("2:[0, 2]", "0:[1, 3]", "5:[4]");
    }

    @Test
    void run_putsWhatEachGroupGaveInTheImagesOrder() {
        try (PointerScope scope = new PointerScope()) {
            Tensor input = TensorData.of(new float[] {1, 1, 2, 2, 3, 3, 4, 4, 5, 5}, 5, 2);

            Tensor output = groups.run(input, (group, own) -> own.mul(new Scalar(group)));

            assertThat(output.shape()).containsExactly(5, 2);
            assertThat(TensorData.floats(output)).containsExactly(2, 2, 0, 0, 6, 6, 0, 0, 25, 25);
        }
    }

    @Test
    void of_isThoseOfSomeImages() {
        assertThat(groups.of(1, 3).ofImage()).containsExactly(0, 2, 0);
    }
}
