package io.cema.cloud.security;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * The authority's folder, for its owner alone: {@code authority.pem} and {@code authority.key}, the revocation list
 * {@code revoked.pem}, the list of slots {@code slots.acl}, and the certificates of the broker and of this service with their keys. Processes that open it at
 * the same time get the same authority. Does short file I/O.
 */
public final class AuthorityFolder {
    private static final Logger LOG = Logger.getLogger(AuthorityFolder.class);
    static final String REVOKED = "revoked.pem";
    static final String SLOTS = "slots.acl";
    private static final String CERTIFICATE = "authority.pem";
    private static final String KEY = "authority.key";
    private static final Duration LEAF_VALIDITY = Duration.ofDays(365);

    private final Path folder;
    private final CertificateAuthority authority;
    private final Clock clock;

    private AuthorityFolder(Path folder, CertificateAuthority authority, Clock clock) {
        this.folder = folder;
        this.authority = authority;
        this.clock = clock;
    }

    /**
     * Opens the authority of that folder; makes one the first time.
     *
     * @throws IOException naming the file that cannot be used
     */
    public static AuthorityFolder open(Path folder, Clock clock) throws IOException {
        prepare(folder);
        try (FileChannel channel =
                        FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (Files.exists(folder.resolve(CERTIFICATE))) {
                return of(folder, folder.resolve(CERTIFICATE), folder.resolve(KEY), clock);
            }
            if (Files.exists(folder.resolve(KEY))) {
                throw new IOException(folder.resolve(KEY) + " stands without " + CERTIFICATE
                        + ": restore that from a backup, or remove the key to make a new authority, which no device"
                        + " enrolled so far would belong to");
            }
            CertificateAuthority made = CertificateAuthority.create(clock);
            // The certificate last: only with it there is an authority.
            PemFiles.writeSecret(
                    folder.resolve(KEY),
                    PemFiles.block("PRIVATE KEY", made.key().getEncoded()));
            PemFiles.write(folder.resolve(CERTIFICATE), made.pem());
            return new AuthorityFolder(folder, made, clock);
        }
    }

    /** With an authority that was made elsewhere; the folder holds the rest. */
    static AuthorityFolder given(Path folder, Path certificate, Path key, Clock clock) throws IOException {
        prepare(folder);
        return of(folder, certificate, key, clock);
    }

    private static AuthorityFolder of(Path folder, Path certificate, Path key, Clock clock) throws IOException {
        try {
            return new AuthorityFolder(
                    folder,
                    new CertificateAuthority(PemFiles.readCertificate(certificate), PemFiles.readKey(key), clock),
                    clock);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "certificate authority " + certificate + " with key " + key + " cannot be used: " + e.getMessage()
                            + "; restore both from a backup",
                    e);
        }
    }

    private static void prepare(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder.toAbsolutePath().getParent());
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }

    public CertificateAuthority authority() {
        return authority;
    }

    public Path file(String name) {
        return folder.resolve(name);
    }

    /** Publishes a list for brokers of this machine. */
    public void writeRevocationList(byte[] der) throws IOException {
        PemFiles.write(folder.resolve(REVOKED), PemFiles.block("X509 CRL", der));
    }

    /** Publishes the {@link CertificateAuthority#signedSlots} for brokers of this machine. */
    public void writeSlots(String signed) throws IOException {
        PemFiles.write(folder.resolve(SLOTS), signed);
    }

    /**
     * Sees to {@code name.pem} (with the authority's certificate behind it) and {@code name.key}: makes both if they are
     * missing, of another authority, for other names, or in the last third of their time.
     */
    private void leaf(String name, List<String> hosts, Function<KeyPair, X509Certificate> issue) throws IOException {
        Path file = folder.resolve(name + ".pem");
        if (Files.exists(file) && Files.exists(folder.resolve(name + ".key"))) {
            X509Certificate present = PemFiles.readCertificate(file);
            if (fresh(present) && CertificateNames.alternative(present).equals(Set.copyOf(hosts))) {
                return;
            }
        }
        KeyPair pair = EllipticKeys.generate();
        X509Certificate issued = issue.apply(pair);
        Files.deleteIfExists(file); // between the two files there must be no certificate with another's key
        PemFiles.writeSecret(
                folder.resolve(name + ".key"),
                PemFiles.block("PRIVATE KEY", pair.getPrivate().getEncoded()));
        PemFiles.write(file, PemFiles.certificate(issued) + authority.pem());
        LOG.infof("certificate %s is new, until %s; who has read another reads it again", file, issued.getNotAfter());
    }

    /** A server's {@link #leaf}. */
    public void server(String name, List<String> hosts) throws IOException {
        leaf(name, hosts, pair -> authority.issueServer(hosts, pair.getPublic(), LEAF_VALIDITY));
    }

    /** A client's {@link #leaf}. */
    public void client(String name, String commonName) throws IOException {
        leaf(name, List.of(), pair -> authority.issueService(commonName, pair.getPublic(), LEAF_VALIDITY));
    }

    private boolean fresh(X509Certificate certificate) {
        Instant end = certificate.getNotAfter().toInstant();
        return certificate
                        .getIssuerX500Principal()
                        .equals(authority.certificate().getSubjectX500Principal())
                && clock.instant().isBefore(end.minus(LEAF_VALIDITY.dividedBy(3)));
    }
}
