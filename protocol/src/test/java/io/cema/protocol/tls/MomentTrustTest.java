package io.cema.protocol.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker's certificate of two days, by clocks that are wrong. */
class MomentTrustTest {
    /** In the certificate's time, however long the keys take. */
    private static final Instant NOW = Instant.now().plus(Duration.ofHours(12));

    private static final Instant LATE = NOW.plus(Duration.ofDays(365));
    private static final Instant EARLY = NOW.minus(Duration.ofDays(365));

    @TempDir
    static Path folder;

    private static X509Certificate authority;
    private static X509Certificate broker;
    private static X509Certificate stranger;

    @BeforeAll
    static void issue() throws Exception {
        keytool(
                "-genkeypair",
                "-alias",
                "ca",
                "-keyalg",
                "EC",
                "-dname",
                "CN=ca",
                "-ext",
                "bc=ca:true",
                "-validity",
                "9000",
                "-startdate",
                "-4000d");
        keytool("-genkeypair", "-alias", "other", "-keyalg", "EC", "-dname", "CN=other");
        keytool("-genkeypair", "-alias", "broker", "-keyalg", "EC", "-dname", "CN=broker");
        keytool(
                "-certreq",
                "-alias",
                "broker",
                "-file",
                folder.resolve("broker.csr").toString());
        keytool(
                "-gencert",
                "-alias",
                "ca",
                "-validity",
                "2",
                "-infile",
                folder.resolve("broker.csr").toString(),
                "-outfile",
                folder.resolve("broker.crt").toString());
        authority = exported("ca");
        stranger = exported("other");
        broker = read(folder.resolve("broker.crt"));
    }

    @Test
    void momentWithinItsTime_isTrusted() {
        assertThatCode(() -> trust(NOW).checkServerTrusted(chain(broker), "UNKNOWN"))
                .doesNotThrowAnyException();
    }

    @Test
    void oneOfTheMomentsWithinItsTime_isTrusted() {
        assertThatCode(() -> trust(LATE, NOW).checkServerTrusted(chain(broker), "UNKNOWN"))
                .doesNotThrowAnyException();
    }

    @Test
    void momentsAllAfterItsEnd_areNotTrusted() {
        assertThatThrownBy(() -> trust(LATE).checkServerTrusted(chain(broker), "UNKNOWN"))
                .isInstanceOf(CertificateException.class);
    }

    @Test
    void momentsAllBeforeItsBeginning_areNotTrusted() {
        assertThatThrownBy(() -> trust(EARLY).checkServerTrusted(chain(broker), "UNKNOWN"))
                .isInstanceOf(CertificateException.class);
    }

    @Test
    void strangersCertificate_isTrustedAtNoMoment() {
        assertThatThrownBy(() -> trust(EARLY, NOW, LATE).checkServerTrusted(chain(stranger), "UNKNOWN"))
                .isInstanceOf(CertificateException.class);
    }

    private static X509Certificate[] chain(X509Certificate leaf) {
        return new X509Certificate[] {leaf, authority};
    }

    private static X509ExtendedTrustManager trust(Instant... moments) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("ca", authority);
        return (X509ExtendedTrustManager)
                MomentTrust.factory(store, List.of(moments)).getTrustManagers()[0];
    }

    private static X509Certificate exported(String alias) throws Exception {
        Path file = folder.resolve(alias + ".crt");
        keytool("-exportcert", "-alias", alias, "-file", file.toString());
        return read(file);
    }

    private static X509Certificate read(Path file) throws Exception {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keystore", folder.resolve("keys.p12").toString(), "-storepass", "password"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
    }
}
