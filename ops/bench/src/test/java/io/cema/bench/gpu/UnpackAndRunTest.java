package io.cema.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ops/gpu/unpack-and-run} with a tiny package in three parts: its java is a script, and where a GPU is needed so is
 * the python3 that asks for one. Skipped on machines that have a GPU themselves.
 */
class UnpackAndRunTest {
    private static final Path SCRIPT = Path.of(System.getProperty("basedir", "."), "../gpu/unpack-and-run");
    private static final List<String> CUDA = List.of("libcudart.so.13", "libnvrtc.so.13");
    private static final List<String> LOADED_ONLY = List.of(
            "libcublas.so.13",
            "libcublasLt.so.13",
            "libcudnn.so.9",
            "libcudnn_graph.so.9",
            "libcudnn_ops.so.9",
            "libcudnn_cnn.so.9",
            "libcudnn_adv.so.9");

    @TempDir
    Path folder;

    private Path parts;
    private Path work;
    private Path tools;
    private Path libraries;

    private record Outcome(int status, String output) {}

    @BeforeEach
    void pack() throws Exception {
        assumeFalse(Files.exists(Path.of("/dev/nvidiactl")), "skipped: this machine has a GPU");
        parts = Files.createDirectories(folder.resolve("parts"));
        work = folder.resolve("work");
        tools = Files.createDirectories(folder.resolve("tools"));
        libraries = Files.createDirectories(folder.resolve("libraries"));
        Path app = Files.createDirectories(folder.resolve("stage/cema-gpu"));
        script(
                Files.createDirectories(app.resolve("runtime/bin")).resolve("java"),
                "echo java \"$@\"\nexit ${JAVA_STATUS:-0}");
        Files.createDirectories(app.resolve("tests/some"));
        Files.writeString(app.resolve("BUILD"), "commit 0\n");
        Outcome packed = bash("tar -C " + folder.resolve("stage") + " -c cema-gpu | xz > " + folder.resolve("all")
                + " && split -n 3 -d -a 3 " + folder.resolve("all") + " " + parts + "/part- && cd " + parts
                + " && sha256sum part-* > SHA256SUMS");
        assertThat(packed.status()).as(packed.output()).isZero();
    }

    private static void script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private Outcome bash(String command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", command).redirectErrorStream(true);
        builder.environment().put("PATH", tools + ":" + System.getenv("PATH"));
        builder.environment().remove("OUT");
        // No toolkit of this machine's.
        builder.environment().put("CUDA_HOME", folder.toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes());
        return new Outcome(process.waitFor(), output);
    }

    private Outcome run(String... command) throws Exception {
        return bash(SCRIPT + " " + parts + " " + work + " " + String.join(" ", command));
    }

    /** Answers as a driver would, and names the folder of the libraries as PyTorch's. */
    private void pretendGpu(List<String> present) throws IOException {
        script(tools.resolve("python3"), "[ \"$1\" = - ] && echo 'Some GPU' || echo " + libraries);
        for (String library : present) {
            Files.createFile(libraries.resolve(library));
        }
    }

    @Test
    void run_partMissing_namesItAndUnpacksNothing() throws Exception {
        Files.delete(parts.resolve("part-001"));

        Outcome outcome = run();

        assertThat(outcome.status()).isEqualTo(4);
        assertThat(outcome.output())
                .contains("2 of 3 parts", "missing: part-001")
                .doesNotContain("damaged");
        assertThat(work.resolve("cema-gpu")).doesNotExist();
    }

    @Test
    void run_partDamaged_namesIt() throws Exception {
        byte[] part = Files.readAllBytes(parts.resolve("part-002"));
        part[part.length / 2] ^= 1;
        Files.write(parts.resolve("part-002"), part);

        Outcome outcome = run();

        assertThat(outcome.status()).isEqualTo(4);
        assertThat(outcome.output())
                .contains("2 of 3 parts", "damaged, copy again: part-002")
                .doesNotContain("missing");
    }

    @Test
    void run_noChecksums_saysSo() throws Exception {
        Files.delete(parts.resolve("SHA256SUMS"));

        Outcome outcome = run();

        assertThat(outcome.status()).isEqualTo(4);
        assertThat(outcome.output()).contains("no SHA256SUMS");
    }

    @Test
    void run_noGpu_unpacksAndSaysSoInsteadOfFailing() throws Exception {
        Outcome outcome = run();

        assertThat(outcome.status()).isEqualTo(3);
        assertThat(outcome.output()).contains("3 of 3 parts", "no usable GPU", "Nothing was run");
        assertThat(work.resolve("cema-gpu/BUILD")).exists();
    }

    @Test
    void run_again_needsNoPartsAnyMore() throws Exception {
        run();
        Files.delete(parts.resolve("part-000"));

        Outcome outcome = run();

        assertThat(outcome.status()).isEqualTo(3);
        assertThat(outcome.output()).contains("unpacked already");
    }

    @Test
    void run_cudaRuntimeMissing_namesTheLibraryAndWhatToInstall() throws Exception {
        pretendGpu(LOADED_ONLY);

        Outcome outcome = run("-- tests");

        assertThat(outcome.status()).isEqualTo(5);
        assertThat(outcome.output()).contains("libcudart.so.13 is neither", "install the CUDA 13 toolkit");
    }

    @Test
    void run_onlyCublasAndCudnnMissing_buildsStandInsAndSaysSo() throws Exception {
        assumeTrue(bash("command -v gcc").status() == 0, "skipped: no gcc");
        pretendGpu(CUDA);

        Outcome outcome = run("-- tests");

        assertThat(outcome.status()).as(outcome.output()).isZero();
        assertThat(outcome.output()).contains("EMPTY STAND-INS", "libcublas.so.13", "libcudnn_adv.so.9");
        assertThat(work.resolve("stand-in/libcublasLt.so.13")).exists();
        assertThat(Files.readString(work.resolve("out/tests.log"))).contains("--include-tag gpu");
    }

    @Test
    void run_testsFail_goesOnAndEndsWithOne() throws Exception {
        pretendGpu(CUDA);
        for (String library : LOADED_ONLY) {
            Files.createFile(libraries.resolve(library));
        }
        script(work("cema-gpu/runtime/bin/java"), "[ \"$1\" = -version ] || exit 7");

        Outcome outcome = run("-- all");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.output())
                .contains("tests FAILED with status 7", "the package holds no benchmark", "2 of the");
    }

    /** A file of the unpacked package, to be changed. */
    private Path work(String file) throws Exception {
        run("-- tests");
        return work.resolve(file);
    }

    @Test
    void run_unknownCommand_showsTheCommands() throws Exception {
        Outcome outcome = run("-- everything");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.output()).contains("usage:", "no command \"everything\"");
    }
}
