package io.cema.ops.access;

import com.hivemq.extension.sdk.api.client.parameter.ClientTlsInformation;
import com.hivemq.extension.sdk.api.client.parameter.ConnectionInformation;
import com.hivemq.extension.sdk.api.client.parameter.Listener;
import io.cema.protocol.topic.Principal;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;

/** Who stands at the end of a connection. */
sealed interface Admission {
    /** A client with a certificate of the authority. */
    record Known(Principal principal, X509Certificate certificate) implements Admission {}

    /** Somebody on this machine, over a listener without TLS that only this machine reaches: the demo. */
    record Local() implements Admission {}

    /** Nobody who may enter. */
    record Refused(String why) implements Admission {}

    static Admission of(ConnectionInformation connection) {
        Optional<X509Certificate> certificate =
                connection.getClientTlsInformation().flatMap(ClientTlsInformation::getClientCertificate);
        if (certificate.isPresent()) {
            return known(certificate.get());
        }
        boolean plain = connection.getTlsInformation().isEmpty()
                && connection.getClientTlsInformation().isEmpty();
        return plain && connection.getListener().filter(Admission::loopback).isPresent()
                ? new Local()
                : new Refused("it has no certificate, and the listener is not one of this machine alone");
    }

    private static Admission known(X509Certificate certificate) {
        String name = certificate.getSubjectX500Principal().getName();
        try {
            LdapName parsed = new LdapName(name);
            if (parsed.size() != 1 || !parsed.getRdn(0).getType().equalsIgnoreCase("CN")) {
                return new Refused("its subject " + name + " is not one common name");
            }
            return new Known(Principal.parse(parsed.getRdn(0).getValue().toString()), certificate);
        } catch (InvalidNameException | IllegalArgumentException e) {
            return new Refused(e.getMessage());
        }
    }

    private static boolean loopback(Listener listener) {
        try {
            return InetAddress.getByName(listener.getBindAddress()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
