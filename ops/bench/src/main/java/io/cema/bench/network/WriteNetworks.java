package io.cema.bench.network;

import io.cema.protocol.onnx.OnnxModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Writes the networks that engines are timed on, from the command line. Exit code 0 when all files stand in the folder. */
@Command(
        name = "write-networks",
        description = "Writes NETWORK-FORM.onnx for each network and form: the shapes of a ResNet-50 and a DeiT-B at"
                + " 224x224 with random weights, to time engines on.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class WriteNetworks implements Callable<Integer> {
    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where the files go.")
    private Path out;

    @Option(names = "--network", split = ",", description = "One or more of ${COMPLETION-CANDIDATES} (all).")
    private List<Network> networks = List.of(Network.values());

    @Option(names = "--forms", split = ",", description = "One or more of ${COMPLETION-CANDIDATES} (all).")
    private List<Form> forms = List.of(Form.values());

    @Option(names = "--seed", defaultValue = "1", description = "Of weights and images (${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--images",
            defaultValue = "4",
            description = "Random images that the ranges of INT8 are read off (${DEFAULT-VALUE}).")
    private int images;

    @Spec
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new WriteNetworks())
                .registerConverter(Network.class, text -> named(Network.values(), text))
                .registerConverter(Form.class, text -> named(Form.values(), text));
    }

    private static <T> T named(T[] values, String text) {
        for (T value : values) {
            if (value.toString().equals(text)) {
                return value;
            }
        }
        throw new CommandLine.TypeConversionException("\"" + text + "\": choose of " + List.of(values));
    }

    @Override
    public Integer call() throws IOException {
        if (images < 1) {
            throw new ParameterException(spec.commandLine(), "--images must be at least 1, is " + images);
        }
        Files.createDirectories(out);
        for (Network network : networks) {
            OnnxModel dense = network.build(seed);
            NetworkForms all = new NetworkForms(dense, images, seed);
            for (Form form : forms) {
                Path file = out.resolve(network + "-" + form + ".onnx");
                byte[] onnx = all.of(form);
                Files.write(file, onnx);
                say("%s: %.1f M parameters, %.1f MB", file, Network.parameters(dense) / 1e6, onnx.length / 1e6);
            }
        }
        return 0;
    }

    private void say(String format, Object... arguments) {
        PrintWriter console = spec.commandLine().getOut();
        console.println(String.format(Locale.ROOT, format, arguments));
        console.flush();
    }
}
