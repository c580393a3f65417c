package io.cema.edge.nativeimage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.luben.zstd.Zstd;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The metadata of the profile {@code native} against the class path it is for. After a change of a library or of a record:
 * {@code mvn test -pl edge-agent -am -Dtest=ReachabilityMetadataTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dcema.write=true}.
 */
class ReachabilityMetadataTest {
    private static final Path FOLDER = Path.of("src/main/resources/META-INF/native-image/io.cema/edge-agent");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> OF_THIS_PROCESS =
            Set.of("java.util.Random", "java.security.SecureRandom", "java.net.http.HttpClient", "java.lang.Thread");

    @ParameterizedTest
    @ValueSource(strings = {"jni-config.json", "reflect-config.json", "resource-config.json"})
    void file_isWhatTheClassPathAsksFor(String name) throws IOException {
        String wanted =
                switch (name) {
                    case "jni-config.json" -> ReachabilityMetadata.jniConfig();
                    case "reflect-config.json" -> ReachabilityMetadata.reflectConfig();
                    default -> ReachabilityMetadata.resourceConfig();
                };
        if (Boolean.getBoolean("cema.write")) {
            Files.writeString(FOLDER.resolve(name), wanted);
        }
        assertThat(FOLDER.resolve(name))
                .as("the class path has changed: run this test with -Dcema.write=true")
                .content()
                .isEqualTo(wanted);
    }

    @ParameterizedTest
    @ValueSource(strings = {"jni-config.json", "reflect-config.json"})
    void everyNamedClassAndField_exists(String name) throws Exception {
        JsonNode entries = JSON.readTree(FOLDER.resolve(name).toFile());
        assertThat(entries).isNotEmpty();
        for (JsonNode entry : entries) {
            Class<?> type = Class.forName(
                    entry.get("name").textValue(), false, getClass().getClassLoader());
            for (JsonNode field : entry.path("fields")) {
                assertThat(type.getDeclaredField(field.get("name").textValue())).isNotNull();
            }
        }
    }

    @Test
    void classesThatNativeCodeFindsByName_areFound() {
        assertThat(ReachabilityMetadata.lookedUpBy(ReachabilityMetadata.JNI.get("ai.onnxruntime")))
                .contains(
                        "ai.onnxruntime.OrtException",
                        "ai.onnxruntime.OnnxTensor",
                        "ai.onnxruntime.TensorInfo",
                        "ai.onnxruntime.NodeInfo",
                        "java.lang.String");
        assertThat(ReachabilityMetadata.lookedUpBy(ReachabilityMetadata.JNI.get("com.github.luben.zstd")))
                .contains("com.github.luben.zstd.ZstdFrameProgression");
    }

    /** What the libraries would unpack on a machine of ours, and nothing for other systems. */
    @Test
    void nativeLibraries_areResources() throws Exception {
        List<String> missing = new ArrayList<>();
        for (Class<?> library : List.of(ai.onnxruntime.OrtEnvironment.class, Zstd.class)) {
            Path jar = Path.of(
                    library.getProtectionDomain().getCodeSource().getLocation().toURI());
            try (JarFile file = new JarFile(jar.toFile())) {
                file.stream()
                        .map(JarEntry::getName)
                        .filter(n -> n.endsWith(".so") && n.matches(".*linux[-/](x64|aarch64|amd64)/.*"))
                        .filter(n -> ReachabilityMetadata.RESOURCES.stream().noneMatch(p -> Pattern.matches(p, n)))
                        .forEach(missing::add);
            }
        }
        assertThat(missing).isEmpty();
        assertThat(ReachabilityMetadata.bytes("io/cema/edge/build.properties")).isNotEmpty();
    }

    /** JavaCPP writes its metadata into each jar of native code. */
    @ParameterizedTest
    @ValueSource(strings = {"jnijavacpp", "jninvinfer", "jnicudart"})
    void javaCpp_bringsItsOwn(String library) {
        for (String file : List.of("jni-config.json", "reflect-config.json", "resource-config.json")) {
            assertThat(ReachabilityMetadata.bytes("META-INF/native-image/" + platform() + "/" + library + "/" + file))
                    .isNotEmpty();
        }
    }

    @Test
    void classesThatLoadNativeCode_areInitialisedAtRunTime() throws IOException {
        List<String> atRunTime = initialisedAtRunTime();
        assertThat(ReachabilityMetadata.imported("ai.onnxruntime", "com.github.luben.zstd", "org.bytedeco.javacpp"))
                .filteredOn(type -> type.getMethodCallsFromSelf().stream()
                        .anyMatch(call -> call.getTargetOwner().isEquivalentTo(System.class)
                                && call.getTarget().getName().startsWith("load")))
                .isNotEmpty()
                .allMatch(type -> covered(atRunTime, type), "initialised at run time");
    }

    @Test
    void classesWithARandomOrAClientOfTheirOwn_areInitialisedAtRunTime() throws IOException {
        List<String> atRunTime = initialisedAtRunTime();
        assertThat(ReachabilityMetadata.imported("io.cema"))
                .filteredOn(type -> type.getFields().stream()
                        .filter(field -> field.getModifiers().contains(JavaModifier.STATIC))
                        .anyMatch(field ->
                                OF_THIS_PROCESS.contains(field.getRawType().getName())))
                .isNotEmpty()
                .allMatch(type -> covered(atRunTime, type), "initialised at run time");
    }

    @Test
    void whatIsInitialisedAtRunTime_exists() throws IOException {
        assertThat(initialisedAtRunTime())
                .isNotEmpty()
                .allMatch(
                        name -> ReachabilityMetadata.exists(name)
                                || !ReachabilityMetadata.imported(name).isEmpty(),
                        "is a class or a package");
    }

    private static boolean covered(List<String> names, JavaClass type) {
        return names.stream()
                .anyMatch(n -> type.getName().equals(n) || type.getName().startsWith(n + "."));
    }

    private static List<String> initialisedAtRunTime() throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(Files.readString(FOLDER.resolve("native-image.properties"))));
        String arguments = properties.getProperty("Args");
        assertThat(arguments).startsWith("--initialize-at-run-time=");
        return List.of(arguments.substring(arguments.indexOf('=') + 1).split(","));
    }

    private static String platform() {
        return org.bytedeco.javacpp.Loader.getPlatform();
    }
}
