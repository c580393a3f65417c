package io.cema.edge.cloud;

import io.cema.protocol.tls.PemTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * Makes clients for the cloud's HTTP side. Each is made from the files as they are then, so that a renewed certificate is
 * used from the next task on; keep none for longer than a task. Any thread; short file I/O.
 */
public final class CloudConnection {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final KeyManager[] NOBODY = {};

    private final URI address;
    private final PlainHttp plain;
    private final Certificates certificates;
    private final Supplier<List<Instant>> moments;

    /** The device's certificate, as long as it has one. */
    @FunctionalInterface
    public interface Certificates {
        Optional<ClientCertificate> present() throws IOException;
    }

    /**
     * @param address e.g. {@code https://cloud.example:8443}
     * @param moments when it may be now: the cloud's certificate must be valid at one of them
     */
    public CloudConnection(URI address, PlainHttp plain, Certificates certificates, Supplier<List<Instant>> moments) {
        this.address = address;
        this.plain = plain;
        this.certificates = certificates;
        this.moments = moments;
    }

    /** A path of the cloud's. */
    public URI at(String path) {
        return address.resolve(path);
    }

    /**
     * Of the device, with its certificate; over plain HTTP only where it has none.
     *
     * @throws CloudException if the settings allow no way, saying which
     * @throws IOException if the certificate is at its end, by every clock there is
     */
    public HttpClient asDevice() throws IOException {
        Optional<ClientCertificate> own = certificates.present();
        if (!secure()) {
            if (own.isPresent()) {
                throw new CloudException("cema.cloud.url is " + address + ", and this device has a certificate: it"
                        + " downloads over HTTPS alone; set cema.cloud.url=https://" + address.getHost()
                        + ":8443, or the port that the cloud has for HTTPS");
            }
            return plainClient();
        }
        ClientCertificate shown = own.orElseThrow(() -> new CloudException("cema.cloud.url is " + address
                + ", and this device has no certificate to show there: enrol it with a claim (cema.enrol.claim). For a"
                + " cloud of this machine without certificates: cema.cloud.url=http://... and"
                + " cema.cloud.plain-http=loopback"));
        try {
            requireTime(shown);
            return client(
                    PemTls.trust(shown.authority(), moments.get()).getTrustManagers(),
                    PemTls.identity(shown.chain(), shown.key()).getKeyManagers());
        } catch (IllegalArgumentException e) {
            throw new CloudException(e.getMessage() + "; enrol the device anew with another claim", e);
        }
    }

    /** The cloud would end the connection without a word that reaches every client. */
    private void requireTime(ClientCertificate shown) throws IOException {
        Instant end = PemTls.certificate(shown.chain()).getNotAfter().toInstant();
        if (moments.get().stream().allMatch(end::isBefore)) {
            throw new IOException("this device's certificate " + shown.chain() + " ended at " + end
                    + ": the device asks for another by itself, and an admin approves it (ops/cema re-enrolments)");
        }
    }

    /** Of anybody, for what is proved otherwise: trusts that authority, shows nothing. */
    public HttpClient trusting(Path authority) throws IOException {
        try {
            return secure() ? client(PemTls.trust(authority, moments.get()).getTrustManagers(), NOBODY) : plainClient();
        } catch (IllegalArgumentException e) {
            throw new CloudException(e.getMessage() + "; enrol the device anew with another claim", e);
        }
    }

    /** The same before the authority is known: whoever is behind the certificate of that SHA-256, in hex. */
    public HttpClient trusting(String fingerprint) throws IOException {
        return secure()
                ? client(new TrustManager[] {new FingerprintTrust(fingerprint, moments.get())}, NOBODY)
                : plainClient();
    }

    /** A failure of one of these clients, with the reason and the remedy if TLS is behind it; else as it is. */
    public IOException explained(IOException failure) {
        return TlsFailure.explain(address, failure);
    }

    /** Why nothing can be downloaded as things are set now; empty if nothing speaks against it. */
    public Optional<String> problem() {
        try {
            asDevice();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public String toString() {
        return address.toString();
    }

    private boolean secure() throws CloudException {
        if ("https".equals(address.getScheme())) {
            return true;
        }
        if ("http".equals(address.getScheme()) && address.getHost() != null) {
            return false;
        }
        throw new CloudException("cema.cloud.url is " + address + "; it must look like https://cloud.example:8443");
    }

    private HttpClient plainClient() throws CloudException {
        if (plain == PlainHttp.NEVER || plain == PlainHttp.LOOPBACK && !loopback(address.getHost())) {
            throw new CloudException("cema.cloud.url is " + address + ", and cema.cloud.plain-http is "
                    + plain.name().toLowerCase(Locale.ROOT) + ": set an https address and enrol the device, or"
                    + " cema.cloud.plain-http=loopback for a cloud of this machine without certificates");
        }
        return builder().build();
    }

    private static boolean loopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static HttpClient client(TrustManager[] trust, KeyManager[] own) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own, trust, null);
            return builder().sslContext(context).build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
    }

    /** HTTP/1.1: a download at a time has nothing of streams, and a broken one shall break its connection. */
    private static HttpClient.Builder builder() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .followRedirects(HttpClient.Redirect.NEVER);
    }
}
