package io.cema.edge.enrolment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests as Java's own tool reads them, which checks their signature; and the key they are made with. */
class CertificateRequestTest {
    @TempDir
    Path data;

    @Test
    void request_is_read_by_others_with_its_name_and_key() throws Exception {
        String name = "a".repeat(30) + "/d/" + "b".repeat(30);
        Path file = Files.writeString(
                data.resolve("request.pem"), CertificateRequest.create(name, DeviceKey.loadOrCreate(key())));

        assertThat(printed(file)).contains("CN=" + name).contains("256-bit EC (secp256r1)");
    }

    @Test
    void request_with_a_changed_byte_is_not_read() throws Exception {
        String request = CertificateRequest.create("default/d/cam-1", DeviceKey.loadOrCreate(key()));
        int at = request.indexOf('\n') + 40;
        char other = request.charAt(at) == 'A' ? 'B' : 'A';
        Path file = Files.writeString(
                data.resolve("request.pem"), request.substring(0, at) + other + request.substring(at + 1));

        assertThat(printed(file)).doesNotContain("256-bit EC");
    }

    @Test
    void key_stays_the_same_and_is_the_owners_alone() throws IOException {
        assertThat(DeviceKey.loadOrCreate(key()).getPublic())
                .isEqualTo(DeviceKey.loadOrCreate(key()).getPublic());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key())))
                .isEqualTo("rw-------");
    }

    @Test
    void key_open_to_others_is_refused() throws IOException {
        DeviceKey.loadOrCreate(key());
        Files.setPosixFilePermissions(key(), PosixFilePermissions.fromString("rw-r--r--"));

        assertThatThrownBy(() -> DeviceKey.loadOrCreate(key()))
                .hasMessageContaining(key().toString())
                .hasMessageContaining("chmod 600");
    }

    private Path key() {
        return data.resolve("certificate/device.key");
    }

    private static String printed(Path file) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-J-Duser.language=en",
                        "-printcertreq",
                        "-file",
                        file.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        return output;
    }
}
