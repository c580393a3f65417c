package io.cema.bench.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.protocol.onnx.OnnxModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class WriteNetworksTest {
    @TempDir
    Path folder;

    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine command = WriteNetworks.commandLine();
        command.setOut(new PrintWriter(new StringWriter()));
        command.setErr(new PrintWriter(err));
        return command.execute(arguments);
    }

    @Test
    void run_oneNetworkOneForm_writesThatFile() throws IOException {
        int status = run("--out", folder.toString(), "--network", "resnet50", "--forms", "dense-fp16");

        assertThat(status).as(err.toString()).isZero();
        OnnxModel written = OnnxModel.parse(Files.readAllBytes(folder.resolve("resnet50-dense-fp16.onnx")));
        assertThat(written.input().dims()).containsExactly(3L, 224L, 224L);
        assertThat(written.classes()).isEqualTo(1000);
        assertThat(folder).isDirectoryNotContaining("glob:**fp32*");
    }

    @Test
    void run_unknownForm_namesTheForms() {
        assertThat(run("--out", folder.toString(), "--forms", "int4")).isEqualTo(2);
        assertThat(err.toString()).contains("--forms", "\"int4\"", "sparse-int8");
    }
}
