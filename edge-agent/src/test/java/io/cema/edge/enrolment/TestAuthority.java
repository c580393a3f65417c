package io.cema.edge.enrolment;

import io.cema.edge.cloud.ClientCertificate;
import io.cema.protocol.signature.Pem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An authority made by keytool, and what it issues, in one folder. */
public final class TestAuthority {
    private static final char[] PASSWORD = "password".toCharArray();

    private final Path folder;
    private final Certificate certificate;

    private TestAuthority(Path folder, Certificate certificate) {
        this.folder = folder;
        this.certificate = certificate;
    }

    public static TestAuthority create(Path folder) throws Exception {
        Files.createDirectories(folder);
        keytool(folder, "-genkeypair", "-keyalg", "EC", "-dname", "CN=ca", "-ext", "bc=ca:true", "-validity", "9000");
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve("ca.p12"))) {
            store.load(in, PASSWORD);
        }
        return new TestAuthority(folder, store.getCertificate("ca"));
    }

    public String pem() throws GeneralSecurityException {
        return Pem.block("CERTIFICATE", certificate.getEncoded());
    }

    public String fingerprint() throws Exception {
        return DeviceCertificate.fingerprint(pem());
    }

    /**
     * A certificate with its key, in the files of that folder.
     *
     * @param further of keytool's -gencert
     */
    public ClientCertificate device(Path into, String commonName, String... further) throws Exception {
        Files.createDirectories(into);
        KeyPair pair = pair();
        ClientCertificate files = new ClientCertificate(
                into.resolve("authority.pem"), into.resolve("device.pem"), into.resolve("device.key"));
        Files.writeString(
                files.key(), Pem.block("PRIVATE KEY", pair.getPrivate().getEncoded()));
        Files.writeString(files.authority(), pem());
        Files.writeString(files.chain(), issue(commonName, pair, further) + pem());
        return files;
    }

    /** A server that is called localhost, unless {@code further} says otherwise, and knows this authority's clients. */
    public SSLContext server(String... further) throws Exception {
        KeyPair pair = pair();
        List<String> options = new ArrayList<>(List.of(further));
        if (!options.contains("-ext")) {
            options.addAll(List.of("-ext", "san=dns:localhost,ip:127.0.0.1"));
        }
        Certificate own = CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(
                        issue("server", pair, options.toArray(String[]::new)).getBytes()));
        KeyStore store = empty();
        store.setKeyEntry("server", pair.getPrivate(), PASSWORD, new Certificate[] {own, certificate});
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        KeyStore clients = empty();
        clients.setCertificateEntry("ca", certificate);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(clients);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private String issue(String commonName, KeyPair pair, String... further) throws Exception {
        Path request = folder.resolve("request.pem");
        Path issued = folder.resolve("issued.pem");
        Files.writeString(request, CertificateRequest.create(commonName, pair));
        List<String> command = new ArrayList<>(
                List.of("-gencert", "-rfc", "-infile", request.toString(), "-outfile", issued.toString()));
        command.addAll(List.of(further));
        keytool(folder, command.toArray(String[]::new));
        return Files.readString(issued);
    }

    private static KeyPair pair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static void keytool(Path folder, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-alias", "ca", "-storepass", new String(PASSWORD)));
        command.addAll(List.of("-keystore", folder.resolve("ca.p12").toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(output);
        }
    }
}
