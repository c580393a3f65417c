package io.cema.cloud.adaptation.torch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Images that are to be run in groups, though they are kept in one order. Immutable; the array is owned by the record. */
record Groups(int[] ofImage) {
    /** Calls with each group that has images, and their indices. */
    void forEach(BiConsumer<Integer, int[]> work) {
        for (int group : IntStream.of(ofImage).distinct().toArray()) {
            work.accept(
                    group,
                    IntStream.range(0, ofImage.length)
                            .filter(i -> ofImage[i] == group)
                            .toArray());
        }
    }

    /** Those of some of the images. */
    Groups of(int from, int count) {
        return new Groups(Arrays.copyOfRange(ofImage, from, from + count));
    }

    /**
     * @param input of the images, in their order
     * @param run given a group and its images' part of the input
     * @return what it returned, in the images' order
     */
    Tensor run(Tensor input, BiFunction<Integer, Tensor, Tensor> run) {
        List<Tensor> outputs = new ArrayList<>();
        long[] place = new long[ofImage.length];
        int[] next = {0};
        forEach((group, members) -> {
            Tensor own = indices(IntStream.of(members).asLongStream().toArray(), input);
            outputs.add(run.apply(group, input.index_select(0, own)));
            for (int member : members) {
                place[member] = next[0]++;
            }
        });
        Tensor all = torch.cat(new TensorVector(outputs.toArray(Tensor[]::new)), 0);
        return all.index_select(0, indices(place, all));
    }

    private static Tensor indices(long[] values, Tensor like) {
        return TensorData.of(values, values.length).to(like.device(), torch.ScalarType.Long);
    }
}
