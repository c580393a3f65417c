package io.cema.edge.nativeimage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.GeneratedMessageV3;
import com.google.protobuf.ProtocolMessageEnum;
import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What GraalVM cannot see by itself in the agent and those of its libraries that bring no metadata of their own, read off
 * the class path: what native code looks up, what protobuf and Jackson find by reflection, and which files are loaded.
 */
final class ReachabilityMetadata {
    /** The libraries that have JNI code and no metadata, with the code that looks classes up. */
    static final Map<String, String> JNI = Map.of(
            "ai.onnxruntime",
            "ai/onnxruntime/native/linux-x64/libonnxruntime4j_jni.so",
            "com.github.luben.zstd",
            "linux/amd64/libzstd-jni-" + zstdVersion() + ".so");

    /** What is read as a resource; the other files of these jars are for other systems. */
    static final List<String> RESOURCES = List.of(
            "ai/onnxruntime/native/linux-(x64|aarch64)/[^/]+\\.so",
            "linux/(amd64|aarch64)/libzstd-jni-[0-9.-]+\\.so",
            "io/cema/edge/build\\.properties");

    private static final Pattern CLASS_NAME = Pattern.compile("[a-z]+(/[A-Za-z0-9_$]+)+");
    private static final Pattern TEXT = Pattern.compile("[\\x20-\\x7e]{4,}");
    private static final List<String> EVERYTHING =
            List.of("allDeclaredConstructors", "allDeclaredMethods", "allDeclaredFields");

    private ReachabilityMetadata() {}

    static String jniConfig() {
        Map<String, Object> entries = new TreeMap<>();
        JNI.forEach((library, code) -> {
            lookedUpBy(code).forEach(name -> entries.put(name, entry(name, EVERYTHING)));
            classes(ReachabilityMetadata::hasNativeMethods, library)
                    .forEach(name -> entries.put(name, entry(name, EVERYTHING)));
        });
        return json(entries.values());
    }

    static String reflectConfig() {
        Map<String, Object> entries = new TreeMap<>();
        classes(
                        ReachabilityMetadata::isMessage,
                        "io.cema.protocol.message",
                        "io.cema.edge.serving.grpc.message",
                        "ai.onnx.proto")
                .forEach(name -> entries.put(name, entry(name, List.of("allPublicMethods"))));
        classes(c -> (c.isRecord() || c.isEnum()) && !isMessage(c), "io.cema.edge", "io.cema.protocol", "io.cema.trt")
                .forEach(name -> entries.put(name, entry(name, EVERYTHING)));
        updatedByName("org.jctools.queues.atomic", "com.github.luben.zstd").forEach((owner, fields) -> {
            Map<String, Object> entry = entry(owner, List.of());
            entry.put("fields", fields.stream().map(f -> Map.of("name", f)).toList());
            entries.put(owner, entry);
        });
        return json(entries.values());
    }

    static String resourceConfig() {
        return json(Map.of(
                "resources",
                Map.of(
                        "includes",
                        RESOURCES.stream().map(p -> Map.of("pattern", p)).toList())));
    }

    /** Classes on the class path whose names stand in native code as it gives them to FindClass. */
    static List<String> lookedUpBy(String nativeCode) {
        TreeSet<String> names = new TreeSet<>();
        Matcher texts = TEXT.matcher(new String(bytes(nativeCode), StandardCharsets.ISO_8859_1));
        while (texts.find()) {
            String name = texts.group().replace('/', '.');
            if (CLASS_NAME.matcher(texts.group()).matches() && exists(name)) {
                names.add(name);
            }
        }
        return List.copyOf(names);
    }

    static boolean exists(String className) {
        try {
            Class.forName(className, false, ReachabilityMetadata.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    /** Without what they depend on: its names are enough, and its classes would take a minute. */
    static List<JavaClass> imported(String... packages) {
        return ArchConfiguration.withThreadLocalScope((ArchConfiguration configuration) -> {
            configuration.setResolveMissingDependenciesFromClassPath(false);
            return new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages(packages).stream()
                            .toList();
        });
    }

    private static List<String> classes(Predicate<JavaClass> wanted, String... packages) {
        return imported(packages).stream()
                .filter(wanted)
                .map(JavaClass::getName)
                .sorted()
                .toList();
    }

    private static boolean hasNativeMethods(JavaClass type) {
        return type.getMethods().stream()
                .map(JavaMethod::getModifiers)
                .anyMatch(modifiers -> modifiers.contains(JavaModifier.NATIVE));
    }

    private static boolean isMessage(JavaClass type) {
        return type.isAssignableTo(GeneratedMessageV3.class)
                || type.isAssignableTo(GeneratedMessageV3.Builder.class)
                || type.isAssignableTo(ProtocolMessageEnum.class);
    }

    /** Volatile fields of classes that make an AtomicXFieldUpdater. */
    private static Map<String, List<String>> updatedByName(String... packages) {
        return imported(packages).stream()
                .filter(type -> type.getMethodCallsFromSelf().stream()
                        .anyMatch(call -> call.getTarget().getName().equals("newUpdater")))
                .collect(Collectors.toMap(JavaClass::getName, type -> type.getFields().stream()
                        .filter(field -> field.getModifiers().contains(JavaModifier.VOLATILE))
                        .map(JavaField::getName)
                        .sorted()
                        .toList()));
    }

    private static Map<String, Object> entry(String name, List<String> wanted) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", name);
        wanted.forEach(what -> entry.put(what, true));
        return entry;
    }

    private static String zstdVersion() {
        return com.github.luben.zstd.util.ZstdVersion.VERSION;
    }

    static byte[] bytes(String resource) {
        try (InputStream in = ReachabilityMetadata.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("there is no " + resource + " on the class path");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(resource + " cannot be read", e);
        }
    }

    private static String json(Object value) {
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        printer.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);
        try {
            Object written = value instanceof Iterable<?> i ? list(i) : value;
            return new ObjectMapper().writer(printer).writeValueAsString(written) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Object> list(Iterable<?> values) {
        List<Object> list = new ArrayList<>();
        values.forEach(list::add);
        return list;
    }
}
