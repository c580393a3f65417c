package io.cema.bench.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.bench.SharedData;
import io.cema.bench.compress.Compress;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code compress} writes is an edge model that {@code evaluate} adapts. */
class CompressedEvaluateTest {
    private static final String[] PREPROCESSING = {"--mean", ".485,.456,.406", "--std", ".229,.224,.225"};

    @TempDir
    Path folder;

    @Test
    void reset_int8Edge_oursIsAboveTheSource() throws IOException {
        // Trained or not, sparse or not: the graph is the same.
        int compressed = new CommandLine(new Compress())
                .execute(with(
                        "--model",
                        SharedData.require("cifar10/resnet20-cifar10.onnx").toString(),
                        "--images",
                        SharedData.require("cifar10/train-sample.bin").toString(),
                        "--sparsity",
                        "none",
                        "--int8-epochs",
                        "0",
                        "--out",
                        folder.toString()));
        assertThat(compressed).isZero();

        int evaluated = Evaluate.execute(with(
                "--edge-model",
                folder.resolve("model.onnx").toString(),
                "--foundation-model",
                SharedData.require("cifar10/resnet56-cifar10.onnx").toString(),
                "--images",
                SharedData.require("cifar10/test.bin").toString(),
                "--methods",
                "source,ours",
                "--corruptions",
                "contrast",
                "--limit",
                "256",
                "--out",
                folder.resolve("evaluation").toString()));

        assertThat(evaluated).isZero();
        JsonNode rows = new ObjectMapper()
                .readTree(folder.resolve("evaluation/report.json").toFile())
                .path("rows");
        assertThat(rows.get(1).path("accuracy").asDouble())
                .isGreaterThan(rows.get(0).path("accuracy").asDouble() + 0.1);
        assertThat(rows.get(1).path("updates_published").asLong()).isPositive();
    }

    private static String[] with(String... options) {
        String[] all = new String[PREPROCESSING.length + options.length];
        System.arraycopy(PREPROCESSING, 0, all, 0, PREPROCESSING.length);
        System.arraycopy(options, 0, all, PREPROCESSING.length, options.length);
        return all;
    }
}
