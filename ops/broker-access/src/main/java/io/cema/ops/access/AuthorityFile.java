package io.cema.ops.access;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;

/** The authority's certificate, a PEM file. */
record AuthorityFile(Path path) {
    /** Whose signature the lists must bear. Read for each check, so that it may come after the lists. Short file I/O. */
    PublicKey key() throws IOException, GeneralSecurityException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(path)))
                .getPublicKey();
    }
}
