package io.cema.cloud.model;

import io.cema.cloud.http.ProblemException;
import io.cema.protocol.model.Preprocessing;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A model as it was handed in.
 *
 * @param labels class labels in order, or empty
 * @param calibration unlabelled source images, to restore normalisation layers that were folded away
 */
record ModelUpload(
        byte[] onnx, String name, Preprocessing preprocessing, List<String> labels, Optional<byte[]> calibration) {
    private static final int MAX_NAME = 60;

    /** Reads the request's fields; fails with 400 naming the wrong one. */
    static ModelUpload of(
            byte[] onnx, String name, String mean, String std, String labels, Optional<byte[]> calibration) {
        if (onnx == null || onnx.length == 0) {
            throw ProblemException.invalid(
                    "the request carries no ONNX file; send it as the body or as the part `model`");
        }
        if (name == null || name.isBlank() || name.length() > MAX_NAME) {
            throw ProblemException.invalid("`name` must have 1 to " + MAX_NAME + " characters");
        }
        try {
            return new ModelUpload(
                    onnx,
                    name.strip(),
                    new Preprocessing(numbers("mean", mean), numbers("std", std)),
                    labels == null || labels.isBlank()
                            ? List.of()
                            : Arrays.stream(labels.split("[,\\n]"))
                                    .map(String::strip)
                                    .toList(),
                    calibration);
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid(e.getMessage());
        }
    }

    private static List<Double> numbers(String field, String text) {
        if (text == null) {
            throw new IllegalArgumentException(
                    "`" + field + "` is missing: three numbers on the 0..1 scale, for R, G and B, separated by commas");
        }
        try {
            return Arrays.stream(text.split(","))
                    .map(String::strip)
                    .map(Double::valueOf)
                    .toList();
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "`" + field + "` must be numbers separated by commas, is '" + text + "'", e);
        }
    }
}
