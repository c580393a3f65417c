package io.cema.cloud.security;

import java.io.IOException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/** Names as certificates write them. */
final class CertificateNames {
    private CertificateNames() {}

    /** A subject of one common name and nothing else. */
    static X500Name common(String name) {
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, name).build();
    }

    /** Host names and addresses of a server. */
    static GeneralNames alternative(List<String> names) {
        return new GeneralNames(names.stream()
                .map(name -> new GeneralName(isAddress(name) ? GeneralName.iPAddress : GeneralName.dNSName, name))
                .toArray(GeneralName[]::new));
    }

    /** Those that a certificate has; none if it is no server's. */
    static Set<String> alternative(X509Certificate certificate) throws IOException {
        try {
            Set<String> names = new HashSet<>();
            Collection<List<?>> found = certificate.getSubjectAlternativeNames();
            if (found != null) {
                found.forEach(entry -> names.add(String.valueOf(entry.get(1))));
            }
            return names;
        } catch (CertificateParsingException e) {
            throw new IOException("certificate " + certificate.getSubjectX500Principal() + " cannot be read", e);
        }
    }

    private static boolean isAddress(String name) {
        return name.contains(":") || name.matches("\\d+(\\.\\d+){3}");
    }
}
