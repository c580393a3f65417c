package io.cema.cloud.compression;

import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The features near the classifier: the last residual additions, or, without any, the last normalisation layers. */
final class LateFeatures {
    private static final int MOST = 3;

    private LateFeatures() {}

    /** Names of late values that both models compute, with the same weights' shape behind them. */
    static List<String> shared(OnnxModel student, OnnxModel teacher) {
        if (!sameShape(student, teacher)) {
            return List.of();
        }
        List<String> late = new ArrayList<>();
        List<OnnxNode> reversed = new ArrayList<>(student.nodes());
        Collections.reverse(reversed);
        for (OnnxNode node : reversed) {
            boolean residual = node.is("Add")
                    && student.constant(node.input(0)).isEmpty()
                    && student.constant(node.input(1)).isEmpty();
            if (residual) {
                late.add(node.output());
            }
        }
        if (late.isEmpty()) {
            student.normSites().forEach(site -> late.add(0, site.output()));
        }
        return late.stream()
                .filter(v -> teacher.producer(v).isPresent())
                .limit(MOST)
                .toList();
    }

    /** Features are compared only between two models with the same normalisation layers. */
    private static boolean sameShape(OnnxModel student, OnnxModel teacher) {
        return Arrays.equals(widths(student), widths(teacher))
                && student.height() == teacher.height()
                && student.width() == teacher.width();
    }

    private static int[] widths(OnnxModel model) {
        return model.normSites().stream().mapToInt(s -> s.layer().channels()).toArray();
    }
}
