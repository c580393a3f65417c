package io.cema.edge.software;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class PackageArchiveTest {
    @TempDir
    Path work;

    private long free = Long.MAX_VALUE;

    @Test
    void files_areUnpackedWithContentModeAndTime() throws IOException {
        unpack(new Tar().file("top/bin/run", "#!/bin/sh\n", 0755).file("top/data", "x".repeat(1000), 0600));

        assertThat(slot("bin/run")).hasContent("#!/bin/sh\n").isExecutable();
        assertThat(slot("data")).hasContent("x".repeat(1000));
        assertThat(Files.isExecutable(slot("data"))).isFalse();
        assertThat(Files.getLastModifiedTime(slot("data")).toMillis()).isEqualTo(1_700_000_000_000L);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void archiveOfTheSystemsTar_isUnpacked() throws Exception {
        Path tree = Files.createDirectories(work.resolve("cema-edge-1/app/deep"));
        Files.writeString(tree.resolve("a.jar"), "jar");
        Files.createSymbolicLink(work.resolve("cema-edge-1/app/link"), Path.of("deep/a.jar"));
        Process tar = new ProcessBuilder("tar", "--format=ustar", "-czf", "real.tar.gz", "cema-edge-1")
                .directory(work.toFile())
                .inheritIO()
                .start();
        assertThat(tar.waitFor()).isZero();

        new PackageArchive(work.resolve("a"), () -> free).unpack(work.resolve("real.tar.gz"));

        assertThat(slot("app/deep/a.jar")).hasContent("jar");
        assertThat(slot("app/link")).isSymbolicLink().hasContent("jar");
    }

    @Test
    void whatWasInTheFolder_isGone() throws IOException {
        Files.createDirectories(slot("old"));
        Files.writeString(slot("old/file"), "old");

        unpack(new Tar().file("top/new", "new", 0644));

        assertThat(slot("old")).doesNotExist();
    }

    @Test
    void nameThatClimbsOut_isRefusedAndNothingIsLeft() {
        assertRefused(new Tar().file("top/ok", "ok", 0644).file("top/../../evil", "evil", 0755), "top/../../evil");

        assertThat(work.resolve("evil")).doesNotExist();
    }

    @Test
    void absoluteName_isRefused() {
        assertRefused(new Tar().file(work.resolve("evil").toString(), "evil", 0755), "not below its own folder");

        assertThat(work.resolve("evil")).doesNotExist();
    }

    @Test
    void nameWithoutTheTopFolder_isRefused() {
        assertRefused(new Tar().file("..", "evil", 0755), "not below its own folder");
    }

    @Test
    void linkThatPointsOut_isRefused() {
        assertRefused(new Tar().link("top/link", "../../etc"), "a link top/link to ../../etc");
    }

    @Test
    void absoluteLink_isRefused() {
        assertRefused(new Tar().link("top/link", "/etc/passwd"), "a link top/link to /etc/passwd");
    }

    @Test
    void fileBelowALink_isNotWrittenThroughIt() throws IOException {
        Path outside = Files.createDirectories(work.resolve("outside"));

        assertRefused(new Tar().link("top/dir", "../outside").file("top/dir/evil", "evil", 0644), "link top/dir");

        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void sameNameTwice_isRefused() {
        assertRefused(new Tar().file("top/x", "1", 0644).file("top/x", "2", 0644), "x");
    }

    @Test
    void deviceFile_isRefused() {
        assertRefused(new Tar().device("top/null"), "neither file, folder nor symbolic link");
    }

    @Test
    void archiveCutShort_isRefused() throws IOException {
        byte[] whole = new Tar().file("top/x", "x".repeat(100_000), 0644).gzip();
        Path cut = Files.write(work.resolve("cut"), Arrays.copyOf(whole, whole.length / 2));

        assertThatThrownBy(() -> new PackageArchive(work.resolve("a"), () -> free).unpack(cut))
                .isInstanceOf(IOException.class);
        assertThat(work.resolve("a")).doesNotExist();
    }

    @Test
    void noArchive_isRefused() throws IOException {
        Path text = Files.writeString(work.resolve("text"), "hello");

        assertThatThrownBy(() -> new PackageArchive(work.resolve("a"), () -> free).unpack(text))
                .hasMessageContaining("neither under gzip nor under zstd");
    }

    @Test
    void diskNearlyFull_isRefusedBeforeItIs() {
        free = PackageArchive.RESERVE + 10;

        assertRefused(new Tar().file("top/x", "x".repeat(11), 0644), "free space there");
    }

    private Path slot(String name) {
        return work.resolve("a").resolve(name);
    }

    private void unpack(Tar tar) throws IOException {
        new PackageArchive(work.resolve("a"), () -> free).unpack(tar.into(work.resolve("archive")));
    }

    private void assertRefused(Tar tar, String reason) {
        assertThatThrownBy(() -> unpack(tar)).isInstanceOf(IOException.class).hasMessageContaining(reason);
        assertThat(work.resolve("a")).doesNotExist();
    }
}
