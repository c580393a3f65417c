package io.cema.bench.evaluation;

import io.cema.bench.corruption.Corruption;
import io.cema.bench.image.ImageSet;
import io.cema.bench.image.LabelledImage;
import io.cema.cloud.adaptation.torch.Distiller;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ops/cema evaluate}: methods side by side on labelled streams, without a network. */
@Command(
        name = "cema evaluate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = {
            "Measures what adaptation gives on your models and images, by the product's own selection, learning, gate and"
                    + " update path, beside other methods.",
            "Writes report.json, report.md and a plot per protocol. Deterministic for a seed but for the times."
        })
public final class Evaluate implements Callable<Integer> {
    private static final String CLEAN = "clean";
    /** A file that was spoilt elsewhere, taken as it is. */
    private static final String AS_IS = "as-is";

    private static final List<String> METHODS = List.of("source", "bn", "tent", "eata", "cema", "ours");
    /** The product where no image may be sent. */
    private static final String STATISTICS = "statistics";

    @Option(names = "--edge-model", paramLabel = "E.onnx", required = true, description = "The model of the edge.")
    private Path edgeModel;

    @Option(
            names = "--foundation-model",
            paramLabel = "F.onnx",
            required = true,
            description = "The model that teaches it, of the same classes.")
    private Path foundationModel;

    @Option(
            names = "--images",
            paramLabel = "FILE",
            required = true,
            description =
                    "Labelled images: a file in the CIFAR-10 binary format, taken in its order, or a folder with one sub-folder"
                            + " per class, shuffled.")
    private Path images;

    @Option(
            names = "--mean",
            paramLabel = "R,G,B",
            required = true,
            description = "Mean per channel that the models were trained with, 0..1 scale.")
    private String mean;

    @Option(
            names = "--std",
            paramLabel = "R,G,B",
            required = true,
            description = "Deviation per channel that the models were trained with, 0..1 scale.")
    private String std;

    @Option(
            names = "--methods",
            split = ",",
            paramLabel = "NAME",
            description = "Default: source,bn,tent,eata,cema,ours. And: statistics, for where no image may be sent.")
    private List<String> methods = METHODS;

    @Option(
            names = "--protocols",
            split = ",",
            paramLabel = "NAME",
            description = "reset, continual, mixed, recurring, correlated, small, stale, batch1. Default: reset.")
    private List<String> protocols = List.of("reset");

    @Option(
            names = "--corruptions",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Any of the fourteen, clean, all (clean and the fourteen), or as-is for images that are spoilt"
                            + " already. Default: all.")
    private List<String> corruptions = List.of("all");

    @Option(names = "--severities", split = ",", paramLabel = "1..5", description = "Default: 5.")
    private List<Integer> severities = List.of(5);

    @Option(names = "--limit", paramLabel = "N", description = "Images per domain, at most. Default: all.")
    private int limit = Integer.MAX_VALUE;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description =
                    "Images that bn, tent, eata and cema see at once on the edge; ours and statistics see one. Default: 64.")
    private int batch = 64;

    @Option(names = "--seed", paramLabel = "N", description = "Default: 1.")
    private long seed = 1;

    @Option(names = "--jobs", paramLabel = "N", description = "Streams run side by side. Default: as many as cores.")
    private int jobs = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Of libtorch in each job. Default: 1; times mean most with --jobs 1.")
    private int threads = 1;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where the report goes.")
    private Path out;

    /** Held, since a logger that nobody holds forgets its level. */
    private static final Logger PRODUCT = Logger.getLogger("io.cema");

    public static void main(String[] arguments) {
        PRODUCT.setLevel(Level.WARNING);
        System.exit(execute(arguments));
    }

    /** @return the exit code: 0, or 2 for wrong options */
    static int execute(String... arguments) {
        CommandLine line = new CommandLine(new Evaluate());
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (!(failure instanceof IllegalArgumentException)) {
                throw failure;
            }
            command.getErr().println("cema evaluate: " + failure.getMessage());
            return 2;
        });
        return line.execute(arguments);
    }

    @Override
    public Integer call() throws IOException {
        check();
        List<StreamProtocol> orders = protocols.stream().map(StreamProtocol::of).toList();
        Preprocessing preprocessing = new Preprocessing(channels("--mean", mean), channels("--std", std));
        Distiller.Part edge = Subject.read(readable("--edge-model", edgeModel), preprocessing);
        Distiller.Part foundation = Subject.read(readable("--foundation-model", foundationModel), preprocessing);
        if (edge.manifest().classes() != foundation.manifest().classes()) {
            throw new IllegalArgumentException(
                    edgeModel + " has " + edge.manifest().classes() + " classes, " + foundationModel + " has "
                            + foundation.manifest().classes());
        }
        ImageSet set = ImageSet.readStream(images, seed);
        if (set.images().stream().anyMatch(i -> i.label() >= edge.manifest().classes())) {
            throw new IllegalArgumentException(
                    images + " has labels beyond the models' " + edge.manifest().classes() + " classes");
        }
        List<List<Item>> domains = domains(set);
        EvaluationReport report = new EvaluationReport(settings(edge, foundation));
        Path scratch = Files.createTempDirectory("cema-evaluate");
        ExecutorService pool = Executors.newFixedThreadPool(jobs);
        try {
            List<Future<List<Row>>> running = new ArrayList<>();
            for (StreamProtocol order : orders) {
                List<List<Item>> episodes = order.episodes(domains, seed);
                for (String method : methods) {
                    for (int e = 0; e < episodes.size(); e++) {
                        Subject subject = new Subject(
                                edge,
                                foundation,
                                OnnxModel.parse(edge.onnx()),
                                order.batch(batch),
                                threads,
                                seed,
                                order.staleness(),
                                order.replay(10_000),
                                Files.createDirectories(scratch.resolve(order.label() + "-" + e + "-" + method)));
                        List<Item> episode = episodes.get(e);
                        running.add(pool.submit(() -> run(order, method, subject, episode)));
                    }
                }
            }
            // In the order of the options, whichever is done first.
            for (Future<List<Row>> rows : running) {
                finished(rows).forEach(report::add);
                report.write(out);
            }
        } finally {
            pool.shutdownNow();
            delete(scratch);
        }
        System.out.println();
        System.out.print(report.markdown());
        System.out.println("written to " + out.toAbsolutePath());
        return 0;
    }

    private static List<Row> finished(Future<List<Row>> rows) {
        try {
            return rows.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private static List<Row> run(StreamProtocol order, String name, Subject subject, List<Item> episode) {
        Map<Item.Domain, DomainCount> counts = new LinkedHashMap<>();
        long started = System.nanoTime();
        int step = name.equals("ours") || name.equals(STATISTICS) ? 1 : subject.batch();
        try (Method method = method(name, subject)) {
            for (int from = 0; from < episode.size(); from += step) {
                List<Item> batch = episode.subList(from, Math.min(episode.size(), from + step));
                Tally before = method.tally();
                int[] predicted = method.predict(batch.stream().map(Item::image).toList());
                Tally after = method.tally();
                for (int i = 0; i < predicted.length; i++) {
                    DomainCount count = counts.computeIfAbsent(batch.get(i).domain(), d -> new DomainCount());
                    count.image(predicted[i] == batch.get(i).label());
                    count.cost(before, after, 1.0 / predicted.length);
                }
            }
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        List<Row> rows = new ArrayList<>();
        for (Map.Entry<Item.Domain, DomainCount> entry : counts.entrySet()) {
            Row row = entry.getValue().row(order.label(), entry.getKey(), name);
            rows.add(row);
            System.out.printf(
                    Locale.ROOT,
                    "%-10s %-22s %-10s %5.1f %%  up %4.1f %%  %.0f s%n",
                    order.label(),
                    EvaluationReport.domain(row),
                    name,
                    100 * row.accuracy(),
                    100.0 * row.uploadedImages() / row.images(),
                    seconds / counts.size());
        }
        return rows;
    }

    private static Method method(String name, Subject subject) {
        return switch (name) {
            case "source" -> new SourceMethod(subject);
            case "bn" -> new BatchMethod(subject, BatchMethod.Kind.BN);
            case "tent" -> new BatchMethod(subject, BatchMethod.Kind.TENT);
            case "eata" -> new BatchMethod(subject, BatchMethod.Kind.EATA);
            case "cema" -> new PublishedMethod(subject);
            case "ours" -> new ProductMethod(subject);
            case STATISTICS -> new StatisticsMethod(subject);
            default -> throw new IllegalStateException("unchecked method " + name);
        };
    }

    private void check() {
        for (String method : methods) {
            if (!METHODS.contains(method) && !method.equals(STATISTICS)) {
                throw new IllegalArgumentException("unknown method '" + method + "'; choose from "
                        + String.join(", ", METHODS) + ", " + STATISTICS);
            }
        }
        for (int severity : severities) {
            if (severity < 1 || severity > Corruption.MAX_SEVERITY) {
                throw new IllegalArgumentException("severity " + severity + " is not in 1.." + Corruption.MAX_SEVERITY);
            }
        }
        positive("--limit", limit);
        positive("--batch", batch);
        positive("--jobs", jobs);
        positive("--threads", threads);
    }

    private static void positive(String option, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(option + " must be at least 1, is " + value);
        }
    }

    private List<List<Item>> domains(ImageSet set) {
        ImageSet used = set.first(limit);
        List<List<Item>> domains = new ArrayList<>();
        for (String name : names()) {
            if (name.equals(CLEAN) || name.equals(AS_IS)) {
                domains.add(items(used, name));
                continue;
            }
            for (int severity : severities) {
                domains.add(items(used, Corruption.of(name), severity));
            }
        }
        return domains;
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        for (String name : corruptions) {
            if (name.equals("all")) {
                names.add(CLEAN);
                Corruption.all().forEach(c -> names.add(c.name()));
            } else if (name.equals(CLEAN) || name.equals(AS_IS)) {
                names.add(name);
            } else {
                names.add(Corruption.of(name).name());
            }
        }
        return names;
    }

    private static List<Item> items(ImageSet set, String name) {
        return set.images().stream()
                .map(i -> new Item(name, 0, 1, i.image(), i.label()))
                .toList();
    }

    /** Image i depends on seed, corruption and i alone. */
    private List<Item> items(ImageSet set, Corruption corruption, int severity) {
        List<Item> items = new ArrayList<>(set.size());
        for (int i = 0; i < set.size(); i++) {
            LabelledImage clean = set.images().get(i);
            SplittableRandom random = new SplittableRandom(seed * 1_000_003 + i);
            items.add(new Item(
                    corruption.name(), severity, 1, corruption.apply(clean.image(), severity, random), clean.label()));
        }
        return items;
    }

    private Map<String, Object> settings(Distiller.Part edge, Distiller.Part foundation) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("edge_model", edge.manifest().name());
        settings.put("edge_digest", edge.manifest().digest());
        settings.put("foundation_model", foundation.manifest().name());
        settings.put("foundation_digest", foundation.manifest().digest());
        settings.put("images", images.getFileName().toString());
        settings.put("limit", limit);
        settings.put("batch", batch);
        settings.put("seed", seed);
        settings.put("jobs", jobs);
        settings.put("threads", threads);
        return settings;
    }

    private static Path readable(String option, Path path) {
        if (!Files.isReadable(path)) {
            throw new IllegalArgumentException(
                    option + " " + path.toAbsolutePath() + " does not exist or cannot be read");
        }
        return path;
    }

    private static List<Double> channels(String option, String text) {
        List<Double> values = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            try {
                values.add(Double.parseDouble(part.strip()));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        option + " " + text + ": \"" + part + "\" is no number; write three, e.g. 0.485,0.456,0.406",
                        e);
            }
        }
        return values;
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
