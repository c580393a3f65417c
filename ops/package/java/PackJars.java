import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Lays the built agent out for one platform: {@code PackJars QUARKUS_APP APP LIB ONNXRUNTIME_PLATFORM ZSTD_PLATFORM}.
 * All jars go to one folder behind {@code cema-edge.jar}, which names them in its manifest: so the Java machine's own
 * class loader loads every class, and the class-data archive holds them ready. ONNX Runtime and zstd lose their natives; those
 * of the platform go to LIB, from where they are loaded without being unpacked at each start.
 */
final class PackJars {
    private static final String MAIN = "io.quarkus.runner.GeneratedMain";
    private static final long EPOCH_1980 = 315_619_200_000L;

    public static void main(String[] arguments) throws IOException {
        Path built = Path.of(arguments[0]);
        Path app = Files.createDirectories(Path.of(arguments[1]));
        Path lib = Files.createDirectories(Path.of(arguments[2]));
        // What was transformed at build time stands before what it was made from.
        Set<String> names = new LinkedHashSet<>();
        for (Path jar : jars(built)) {
            String name = jar.getFileName().toString();
            if (!names.add(name)) {
                throw new IOException(jar + ": there are two jars of this name");
            }
            if (name.startsWith("com.microsoft.onnxruntime.onnxruntime-")) {
                withoutNatives(jar, app.resolve(name), "ai/onnxruntime/native/" + arguments[3] + "/", lib);
            } else if (name.startsWith("com.github.luben.zstd-jni-")) {
                withoutNatives(jar, app.resolve(name), arguments[4] + "/", lib);
            } else {
                Files.copy(jar, app.resolve(name));
            }
        }
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, MAIN);
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, String.join(" ", names));
        try (OutputStream out = Files.newOutputStream(app.resolve("cema-edge.jar"));
                JarOutputStream jar = new JarOutputStream(out)) {
            ZipEntry entry = new ZipEntry("META-INF/MANIFEST.MF");
            entry.setTime(EPOCH_1980);
            jar.putNextEntry(entry);
            manifest.write(jar);
            jar.closeEntry();
        }
    }

    private static List<Path> jars(Path built) throws IOException {
        List<Path> jars = new ArrayList<>();
        jars.add(built.resolve("quarkus/transformed-bytecode.jar"));
        jars.add(built.resolve("quarkus/generated-bytecode.jar"));
        for (String folder : List.of("app", "lib/boot", "lib/main")) {
            try (Stream<Path> files = Files.list(built.resolve(folder))) {
                jars.addAll(files.filter(f -> f.toString().endsWith(".jar")).sorted().collect(Collectors.toList()));
            }
        }
        jars.removeIf(jar -> !Files.exists(jar));
        return jars;
    }

    /** Copies a jar without native libraries, of which those of one platform go to a folder. */
    private static void withoutNatives(Path from, Path to, String platform, Path lib) throws IOException {
        int found = 0;
        try (ZipFile in = new ZipFile(from.toFile());
                ZipOutputStream out =
                        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(to)))) {
            for (Enumeration<? extends ZipEntry> entries = in.entries(); entries.hasMoreElements(); ) {
                ZipEntry entry = entries.nextElement();
                String name = entry.getName();
                try (InputStream bytes = in.getInputStream(entry)) {
                    if (name.startsWith(platform) && name.endsWith(".so")) {
                        Files.copy(bytes, lib.resolve(name.substring(name.lastIndexOf('/') + 1)));
                        found++;
                    } else if (!name.matches(".*(\\.so|\\.dll|\\.dylib|\\.dSYM/.*)")) {
                        ZipEntry copy = new ZipEntry(name);
                        copy.setTime(EPOCH_1980);
                        out.putNextEntry(copy);
                        bytes.transferTo(out);
                        out.closeEntry();
                    }
                }
            }
        }
        if (found == 0) {
            throw new IOException(from + " has no native library below " + platform + ": it cannot run on this machine");
        }
    }
}
