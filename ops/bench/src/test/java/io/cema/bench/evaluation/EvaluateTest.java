package io.cema.bench.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.bench.SharedData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command on real images and models, on a short stream. */
class EvaluateTest {
    @TempDir
    Path out;

    @Test
    void reset_drift_oursIsAboveTheSourceAndTheRowsAreWhole() throws IOException {
        int code = Evaluate.execute(arguments("--methods", "source,bn,eata,ours", "--corruptions", "contrast"));

        assertThat(code).isZero();
        JsonNode rows =
                new ObjectMapper().readTree(out.resolve("report.json").toFile()).path("rows");
        assertThat(rows).hasSize(4);
        assertThat(row(rows, "ours").path("accuracy").asDouble())
                .isGreaterThan(row(rows, "source").path("accuracy").asDouble() + 0.1);
        assertThat(row(rows, "ours").path("updates_published").asLong()).isPositive();
        assertThat(row(rows, "ours").path("uploaded_bytes").asLong())
                .isGreaterThan(row(rows, "ours").path("uploaded_images").asLong());
        assertThat(row(rows, "source").path("uploaded_images").asLong()).isZero();
        assertThat(out.resolve("report.md")).content().contains("contrast 5");
        assertThat(out.resolve("reset.svg")).content().startsWith("<svg");
    }

    @Test
    void sameSeed_sameResults() throws IOException {
        Evaluate.execute(arguments("--methods", "ours", "--corruptions", "fog"));
        JsonNode first = new ObjectMapper()
                .readTree(out.resolve("report.json").toFile())
                .path("rows")
                .get(0);
        Evaluate.execute(arguments("--methods", "ours", "--corruptions", "fog"));
        JsonNode second = new ObjectMapper()
                .readTree(out.resolve("report.json").toFile())
                .path("rows")
                .get(0);

        assertThat(second.path("accuracy")).isEqualTo(first.path("accuracy"));
        assertThat(second.path("uploaded_images")).isEqualTo(first.path("uploaded_images"));
        assertThat(second.path("updates_published")).isEqualTo(first.path("updates_published"));
    }

    @Test
    void unknownMethod_isWrongOption() throws IOException {
        assertThat(Evaluate.execute(arguments("--methods", "magic"))).isEqualTo(2);
        assertThat(out.resolve("report.json")).doesNotExist();
    }

    private String[] arguments(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--edge-model",
                SharedData.require("cifar10/resnet20-cifar10.onnx").toString(),
                "--foundation-model",
                SharedData.require("cifar10/resnet56-cifar10.onnx").toString(),
                "--images",
                SharedData.require("cifar10/test.bin").toString(),
                "--mean",
                "0.485,0.456,0.406",
                "--std",
                "0.229,0.224,0.225",
                "--limit",
                "256",
                "--threads",
                "1",
                "--out",
                out.toString()));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    private static JsonNode row(JsonNode rows, String method) {
        return StreamSupport.stream(rows.spliterator(), false)
                .filter(r -> r.path("method").asText().equals(method))
                .findFirst()
                .orElseThrow();
    }
}
