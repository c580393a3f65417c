package io.cema.cloud.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.SignatureException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issued certificates and lists, judged by Java's own validator. */
class CertificateAuthorityTest {
    private static final Duration QUARTER = Duration.ofDays(90);

    private final CertificateAuthority authority = CertificateAuthority.create(Clock.systemUTC());

    @TempDir
    Path data;

    @Test
    void device_certificate_is_valid_for_clients_alone() throws Exception {
        X509Certificate issued = authority.issueClient("acme/d/cam-1", key().getPublic(), QUARTER);

        validate(issued, authority);
        assertThat(issued.getSubjectX500Principal().getName()).isEqualTo("CN=acme/d/cam-1");
        assertThat(issued.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(issued.getBasicConstraints()).isEqualTo(-1);
    }

    @Test
    void server_certificate_names_hosts_and_addresses() throws Exception {
        X509Certificate issued = authority.issueServer(List.of("localhost", "127.0.0.1"), key().getPublic(), QUARTER);

        validate(issued, authority);
        assertThat(issued.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(issued.getSubjectAlternativeNames())
                .containsExactlyInAnyOrder(List.of(2, "localhost"), List.of(7, "127.0.0.1"));
    }

    @Test
    void certificate_lasts_as_long_as_asked() {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        CertificateAuthority then = CertificateAuthority.create(Clock.fixed(now, ZoneOffset.UTC));

        X509Certificate issued = then.issueClient("acme/d/cam-1", key().getPublic(), QUARTER);

        assertThat(issued.getNotAfter().toInstant()).isEqualTo(now.plus(QUARTER));
        assertThat(issued.getNotBefore().toInstant()).isEqualTo(now.minus(CertificateAuthority.BACKDATED));
    }

    @Test
    void certificate_does_not_outlive_the_authority() {
        X509Certificate issued = authority.issueClient("acme/d/cam-1", key().getPublic(), Duration.ofDays(36_500));

        assertThat(issued.getNotAfter()).isEqualTo(authority.certificate().getNotAfter());
    }

    @Test
    void serials_are_all_different() {
        BigInteger one = authority
                .issueClient("acme/d/cam-1", key().getPublic(), QUARTER)
                .getSerialNumber();
        BigInteger other = authority
                .issueClient("acme/d/cam-1", key().getPublic(), QUARTER)
                .getSerialNumber();

        assertThat(one).isNotEqualTo(other).isPositive();
    }

    @Test
    void certificate_of_another_authority_is_not_valid() {
        X509Certificate issued =
                CertificateAuthority.create(Clock.systemUTC()).issueClient("acme/d/cam-1", key().getPublic(), QUARTER);

        assertThatThrownBy(() -> issued.verify(authority.certificate().getPublicKey()))
                .isInstanceOf(SignatureException.class);
    }

    @Test
    void revocation_list_names_the_revoked_and_no_other() throws Exception {
        X509Certificate gone = authority.issueClient("acme/d/cam-1", key().getPublic(), QUARTER);
        X509Certificate good = authority.issueClient("acme/d/cam-2", key().getPublic(), QUARTER);

        X509CRL list = (X509CRL) CertificateFactory.getInstance("X.509")
                .generateCRL(new ByteArrayInputStream(authority.revocationList(
                        List.of(new CertificateAuthority.Revoked(gone.getSerialNumber(), Instant.now())),
                        Duration.ofDays(30))));

        list.verify(authority.certificate().getPublicKey());
        assertThat(list.isRevoked(gone)).isTrue();
        assertThat(list.isRevoked(good)).isFalse();
    }

    @Test
    void folder_keeps_its_authority() throws IOException {
        String first = open().authority().fingerprint();

        assertThat(open().authority().fingerprint()).isEqualTo(first);
    }

    @Test
    void folder_and_keys_are_the_owners_alone() throws IOException {
        AuthorityFolder folder = open();
        folder.server("broker", List.of("localhost"));

        assertThat(permissions(data.resolve("ca"))).isEqualTo("rwx------");
        assertThat(permissions(folder.file("authority.key"))).isEqualTo("rw-------");
        assertThat(permissions(folder.file("broker.key"))).isEqualTo("rw-------");
    }

    @Test
    void key_open_to_others_is_refused() throws IOException {
        Path key = open().file("authority.key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));

        assertThatThrownBy(this::open).hasMessageContaining(key.toString()).hasMessageContaining("chmod 600");
    }

    @Test
    void key_of_another_authority_is_refused() throws IOException {
        Path key = open().file("authority.key");
        PemFiles.writeSecret(
                key, PemFiles.block("PRIVATE KEY", key().getPrivate().getEncoded()));

        assertThatThrownBy(this::open).hasMessageContaining("does not belong");
    }

    @Test
    void missing_key_is_named_and_no_new_authority_made() throws IOException {
        Path key = open().file("authority.key");
        Files.delete(key);

        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining(key.toString());
    }

    @Test
    void missing_certificate_is_named_and_the_key_kept() throws IOException {
        AuthorityFolder folder = open();
        String key = Files.readString(folder.file("authority.key"));
        Files.delete(folder.file("authority.pem"));

        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("authority.pem");
        assertThat(Files.readString(folder.file("authority.key"))).isEqualTo(key);
    }

    @Test
    void leaf_is_made_anew_in_its_last_third() throws IOException {
        open().server("broker", List.of("localhost"));
        BigInteger first = serial("broker");
        open().server("broker", List.of("localhost"));
        assertThat(serial("broker")).isEqualTo(first);

        AuthorityFolder.open(data.resolve("ca"), Clock.offset(Clock.systemUTC(), Duration.ofDays(300)))
                .server("broker", List.of("localhost"));

        assertThat(serial("broker")).isNotEqualTo(first);
    }

    /** Made at a start, when the machine's clock is all there is: what is wrong with it must not last. */
    @Test
    void leaf_madeWithAClockThatWasAYearAhead_isValidOnceItIsSet() throws Exception {
        CertificateAuthority made = open().authority();
        AuthorityFolder ahead =
                AuthorityFolder.open(data.resolve("ca"), Clock.offset(Clock.systemUTC(), Duration.ofDays(365)));

        ahead.server("https", List.of("localhost"));
        ahead.client("service", "acme/s/cloud");

        validate(PemFiles.readCertificate(data.resolve("ca/https.pem")), made);
        validate(PemFiles.readCertificate(data.resolve("ca/service.pem")), made);
    }

    @Test
    void leaf_underAClockThatIsAYearBehind_isKept() throws IOException {
        open().server("broker", List.of("localhost"));
        BigInteger first = serial("broker");

        AuthorityFolder.open(data.resolve("ca"), Clock.offset(Clock.systemUTC(), Duration.ofDays(-365)))
                .server("broker", List.of("localhost"));

        assertThat(serial("broker")).isEqualTo(first);
    }

    private AuthorityFolder open() throws IOException {
        return AuthorityFolder.open(data.resolve("ca"), Clock.systemUTC());
    }

    private BigInteger serial(String leaf) throws IOException {
        return PemFiles.readCertificate(data.resolve("ca").resolve(leaf + ".pem"))
                .getSerialNumber();
    }

    private static KeyPair key() {
        return EllipticKeys.generate();
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static void validate(X509Certificate leaf, CertificateAuthority authority) throws Exception {
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(authority.certificate(), null)));
        parameters.setRevocationEnabled(false);
        CertPathValidator.getInstance("PKIX")
                .validate(CertificateFactory.getInstance("X.509").generateCertPath(List.of(leaf)), parameters);
    }
}
