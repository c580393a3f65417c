package io.cema.ops.licences;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** All that is delivered, against the list of licences; leaves the report and the whole bill of materials in target. */
class LicenceTest {
    private static final Path MODULE = Path.of("").toAbsolutePath();
    private static final Path ROOT = MODULE.resolve("../..").normalize();

    @Test
    void everyLibrary_isUnderALicenceThatIsAllowed() throws IOException {
        Bill maven = Bill.read(MODULE.resolve("target/bom.json"));
        List<Library> page = Bill.packages(ROOT.resolve("cloud-service/src/main/web/package-lock.json"));
        List<Library> all = new ArrayList<>(maven.libraries());
        all.addAll(page);
        maven.with(page).write(MODULE.resolve("target/cema-sbom.json"));
        Files.writeString(MODULE.resolve("target/licences.md"), LicenceReport.of(all));

        Allowed allowed = Allowed.parse(Files.readString(ROOT.resolve(Allowed.FILE)));

        assertThat(all)
                .extracting(Library::unversioned)
                .contains("pkg:maven/com.microsoft.onnxruntime/onnxruntime", "pkg:npm/preact", "pkg:npm/esbuild");
        assertThat(all.stream().map(allowed::complaint).flatMap(Optional::stream))
                .isEmpty();
    }
}
