package io.cema.edge.cloud;

import io.cema.edge.cloud.FingerprintTrust.UnknownAuthorityException;
import java.io.IOException;
import java.net.URI;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Says what a failed handshake means for whoever has to mend it. */
final class TlsFailure {
    private static final String ALERT = "fatal alert: ";

    private TlsFailure() {}

    /** With the place, the reason and the remedy; the failure itself if TLS is not behind it. */
    static IOException explain(URI address, IOException failure) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            causes.add(cause);
        }
        return meaning(address, causes)
                .map(meaning -> new IOException(address + ": " + meaning, failure))
                .orElse(failure);
    }

    /** The innermost reasons are the most telling, so these are looked for first. */
    private static Optional<String> meaning(URI address, List<Throwable> causes) {
        Optional<String> stranger = first(causes, UnknownAuthorityException.class);
        if (stranger.isPresent()) {
            return stranger;
        }
        Optional<String> time = first(causes, CertificateExpiredException.class)
                .or(() -> first(causes, CertificateNotYetValidException.class));
        if (time.isPresent()) {
            return Optional.of("the cloud's certificate is not valid now (" + time.get()
                    + "); restart the cloud service," + " which renews it, or set this device's clock");
        }
        Optional<String> path =
                first(causes, CertPathBuilderException.class).or(() -> first(causes, CertPathValidatorException.class));
        if (path.isPresent()) {
            return Optional.of(
                    "its certificate is of another authority than this device was enrolled by, or tampered with" + " ("
                            + path.get() + "); if the cloud has a new authority, enrol the device with a new claim");
        }
        Optional<String> name = first(causes, CertificateException.class);
        if (name.isPresent()) {
            return Optional.of("its certificate is not for this address (" + name.get()
                    + "); start the cloud service with" + " cema.security.https-names including " + address.getHost());
        }
        return first(causes, SSLException.class).map(TlsFailure::handshake).or(() -> first(causes, IOException.class)
                .filter(text -> text.contains("received no bytes"))
                .map(text -> "the cloud ended the connection without an answer; if it goes on to, its log says"
                        + " whether it refuses this device's certificate"));
    }

    private static String handshake(String text) {
        if (text.contains(ALERT)) {
            return "the cloud refuses this device's certificate ("
                    + text.substring(text.indexOf(ALERT) + ALERT.length())
                    + "): it has ended, or is of another authority; it is renewed by itself, else enrol the device with a"
                    + " new claim";
        }
        return text.contains("nrecognized SSL message")
                ? "what answers there does not speak TLS; set cema.cloud.url to the cloud's port for HTTPS"
                        + " (quarkus.http.ssl-port, 8443)"
                : "the TLS handshake failed: " + text;
    }

    private static Optional<String> first(List<Throwable> causes, Class<? extends Throwable> kind) {
        return causes.stream().filter(kind::isInstance).findFirst().map(cause -> String.valueOf(cause.getMessage()));
    }
}
