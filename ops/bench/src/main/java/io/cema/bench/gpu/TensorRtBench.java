package io.cema.bench.gpu;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.cema.bench.network.Form;
import io.cema.bench.network.Network;
import io.cema.bench.network.NetworkForms;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.trt.BuildOptions.Refit;
import io.cema.trt.TensorRt;
import io.cema.trt.TensorRtException;
import io.cema.trt.TensorRtException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Times TensorRT on the GPU of this machine, all in one run: each form of each network against dense float32, the ways of an
 * update into an engine against each other, and what this library adds to the GPU's own time.
 */
@Command(
        name = "gpu",
        description = "Times TensorRT on this machine's GPU. Exit status 3: no GPU that can be used.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class TensorRtBench implements Callable<Integer> {
    private static final int NO_GPU = 3;
    /** The paper's figures on an A100, GPUSQ-ViT (CVPR 2023), as ratios over dense float32. */
    private static final String GOAL = "GPUSQ-ViT on A100: latency 1.39 to 1.79, throughput 3.22 to 3.43 (sparse INT8)";

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "report.json and each engine's layers.")
    private Path out;

    @Option(names = "--network", split = ",", description = "One or more of ${COMPLETION-CANDIDATES} (all).")
    private List<Network> networks = List.of(Network.values());

    @Option(names = "--rounds", defaultValue = "30", description = "Turns of each form (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--update-model",
            paramLabel = "ONNX",
            description = "A model with normalisation layers, to update.")
    private Optional<Path> updateModel = Optional.empty();

    @Option(names = "--updates", defaultValue = "20", description = "Updates for each way (${DEFAULT-VALUE}).")
    private int updates;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new TensorRtBench()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Files.createDirectories(out);
        Map<String, Object> report = new LinkedHashMap<>();
        try (TensorRt tensorRt = TensorRt.open()) {
            report.put("gpu", tensorRt.gpu());
            report.put("libraries", tensorRt.libraries());
            say("%s: %s", tensorRt.gpu().name(), String.join(", ", tensorRt.libraries()));
            Map<String, Object> timed = new LinkedHashMap<>();
            for (Network network : networks) {
                timed.put(network.toString(), time(tensorRt, network));
            }
            report.put("networks", timed);
        } catch (TensorRtException e) {
            if (e.reason() == Reason.UNAVAILABLE) {
                say("%s", e.getMessage());
                return NO_GPU;
            }
            throw e;
        }
        if (updateModel.isPresent()) {
            report.put("updates", timeUpdates(updateModel.get()));
        }
        Path file = out.resolve("report.json");
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), report);
        say("written: %s", file);
        return 0;
    }

    private List<FormTiming.Result> time(TensorRt tensorRt, Network network) throws Exception {
        say("%s", network);
        try (FormTiming timing = new FormTiming(tensorRt, out.resolve("timing.cache"), line -> say("%s", line))) {
            NetworkForms forms = new NetworkForms(network.build(1), 4, 1);
            for (Form form : Form.values()) {
                timing.add(form, forms.of(form));
            }
            timing.measure(rounds);
            for (Map.Entry<Form, String> layers : timing.layerInformation().entrySet()) {
                Files.writeString(out.resolve(network + "-" + layers.getKey() + ".layers.json"), layers.getValue());
            }
            print(timing.results());
            return timing.results();
        }
    }

    private static void print(List<FormTiming.Result> results) {
        FormTiming.Result dense = results.get(0);
        say(
                "  %-12s %10s %6s %10s %12s %6s %6s %6s",
                "form", "latency ms", "ratio", "GPU ms", "images/s", "ratio", "INT8", "sparse");
        for (FormTiming.Result result : results) {
            say(
                    "  %-12s %10.3f %6.2f %10.3f %12.0f %6.2f %6d %6d",
                    result.form(),
                    result.latencyMs(),
                    dense.latencyMs() / result.latencyMs(),
                    result.latencyGpuMs(),
                    result.imagesPerSecond(),
                    result.imagesPerSecond() / dense.imagesPerSecond(),
                    result.int8Layers(),
                    result.sparseLayers());
        }
        say("  ratios over %s; %s", dense.form(), GOAL);
    }

    private List<UpdateTiming.Result> timeUpdates(Path file) throws IOException, InterruptedException {
        say("updates of %s", file.getFileName());
        OnnxModel model = OnnxModel.parse(Files.readAllBytes(file));
        List<UpdateTiming.Result> results = new ArrayList<>();
        for (Refit way : List.of(Refit.NAMED, Refit.ALL, Refit.NONE)) {
            UpdateTiming.Result result =
                    new UpdateTiming(out.resolve("plans"), model, way == Refit.NONE ? 3 : updates).measure(way);
            results.add(result);
            say(
                    "  %-6s open %.1f ms (slowest %.1f), inference %.3f ms quiet, %.3f during, slowest %.3f",
                    way,
                    result.openMs().median(),
                    result.openMs().slowest(),
                    result.quietMs().median(),
                    result.duringMs().median(),
                    result.duringMs().slowest());
        }
        return results;
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
