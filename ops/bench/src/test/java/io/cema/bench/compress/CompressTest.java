package io.cema.bench.compress;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.bench.training.ResidualNet;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command's files, and what it says to bad input. */
class CompressTest {
    @TempDir
    Path folder;

    private final StringWriter err = new StringWriter();
    private Path model;
    private Path images;

    @BeforeEach
    void write() throws IOException {
        model = folder.resolve("m.onnx");
        ResidualNet net = new ResidualNet("m", 32, 16, List.of(new ResidualNet.Stage(16, 1)), 10);
        Files.write(model, net.build(1).toBytes());
        images = folder.resolve("images.bin");
        byte[] records = new byte[128 * 3073];
        new Random(1).nextBytes(records);
        for (int i = 0; i < 128; i++) {
            records[i * 3073] = (byte) (i % 10);
        }
        Files.write(images, records);
    }

    private int run(Path dense, Path unlabelled, String... more) {
        CommandLine command = new CommandLine(new Compress());
        command.setErr(new PrintWriter(err, true)).setOut(new PrintWriter(new StringWriter()));
        String[] options = {
            "--model", dense.toString(),
            "--images", unlabelled.toString(),
            "--mean", ".5,.5,.5",
            "--std", ".25,.25,.25",
            "--out", folder.resolve("out").toString()
        };
        String[] all =
                Stream.concat(Arrays.stream(options), Arrays.stream(more)).toArray(String[]::new);
        return command.execute(all);
    }

    @Test
    void run_writesModelManifestAndReport() throws IOException {
        int status = run(
                model,
                images,
                "--test-images",
                images.toString(),
                "--sparse-epochs",
                "1",
                "--int8-epochs",
                "1",
                "--batch",
                "32",
                "--tolerated-saturation",
                "0.2");

        assertThat(status).as(err.toString()).isZero();
        Path out = folder.resolve("out");
        assertThat(out.resolve("model.onnx")).exists();
        assertThat(out.resolve("model.tensorrt.onnx")).exists();
        assertThat(Files.readString(out.resolve("manifest.json"))).contains("\"touches\":[");
        assertThat(Files.readString(out.resolve("report.json")))
                .contains("\"stage\" : \"sparse-int8\"", "\"images_per_second\"", "\"accuracy\"", "\"seconds\"");
    }

    @Test
    void run_unknownChoice_namesTheChoices() {
        assertThat(run(model, images, "--sparsity", "1:4")).isEqualTo(2);
        assertThat(err.toString()).contains("--sparsity 1:4", "2:4, none");
    }

    @Test
    void run_noModel_namesTheFile() {
        assertThat(run(folder.resolve("none.onnx"), images)).isEqualTo(2);
        assertThat(err.toString()).contains("--model", "none.onnx");
    }

    @Test
    void run_filesThatAreNoImages_saysWhatIsExpected() {
        assertThat(run(model, model)).isEqualTo(2);
        assertThat(err.toString()).contains("--images", "CIFAR-10 binary format");
    }

    @Test
    void run_tooFewImages_failsWithTheReason() throws IOException {
        byte[] all = Files.readAllBytes(images);
        Path few = folder.resolve("few.bin");
        Files.write(few, Arrays.copyOf(all, 10 * 3073));

        assertThat(run(model, few)).isEqualTo(1);
        assertThat(err.toString()).contains("10 images");
    }
}
