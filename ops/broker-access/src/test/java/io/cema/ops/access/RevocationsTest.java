package io.cema.ops.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.security.AuthorityFolder;
import io.cema.cloud.security.CertificateAuthority;
import io.cema.cloud.security.CertificateAuthority.Revoked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a client when the list is not as it should be. */
class RevocationsTest {
    private static final Duration MONTH = Duration.ofDays(30);

    @TempDir
    Path data;

    private AuthorityFolder folder;
    private X509Certificate certificate;

    @BeforeEach
    void open() throws IOException {
        folder = AuthorityFolder.open(data.resolve("ca"), Clock.systemUTC());
        certificate = Identity.of(folder.authority(), "default/d/cam-1").certificate();
    }

    @Test
    void without_a_list_nobody_is_accepted() {
        assertThat(read(Clock.systemUTC()).objection(certificate)).isPresent();
    }

    @Test
    void certificate_that_the_list_does_not_name_is_accepted() throws IOException {
        write(folder.authority(), List.of());

        assertThat(read(Clock.systemUTC()).objection(certificate)).isEmpty();
    }

    @Test
    void replaced_list_counts_at_the_next_look() throws IOException {
        write(folder.authority(), List.of());
        Revocations revocations = read(Clock.systemUTC());
        write(folder.authority(), List.of(new Revoked(certificate.getSerialNumber(), Instant.now())));

        revocations.refresh();

        assertThat(revocations.objection(certificate)).hasValue("it is revoked");
        assertThat(revocations.revoked(certificate)).isTrue();
    }

    @Test
    void list_of_another_authority_does_not_take_the_place_of_a_good_one() throws IOException {
        write(folder.authority(), List.of(new Revoked(certificate.getSerialNumber(), Instant.now())));
        Revocations revocations = read(Clock.systemUTC());
        write(CertificateAuthority.create(Clock.systemUTC()), List.of());

        revocations.refresh();

        assertThat(revocations.objection(certificate)).hasValue("it is revoked");
    }

    @Test
    void garbage_or_a_missing_file_does_not_take_the_place_of_a_good_list() throws IOException {
        write(folder.authority(), List.of(new Revoked(certificate.getSerialNumber(), Instant.now())));
        Revocations revocations = read(Clock.systemUTC());
        Files.writeString(folder.file("revoked.pem"), "garbage");
        revocations.refresh();
        Files.delete(folder.file("revoked.pem"));
        revocations.refresh();

        assertThat(revocations.objection(certificate)).hasValue("it is revoked");
    }

    @Test
    void list_out_of_date_accepts_nobody() throws IOException {
        write(folder.authority(), List.of());

        assertThat(read(Clock.offset(Clock.systemUTC(), MONTH.plusDays(1))).objection(certificate))
                .hasValueSatisfying(why -> assertThat(why).contains("out of date"));
    }

    private Revocations read(Clock clock) {
        Revocations revocations = new Revocations(folder.file("authority.pem"), folder.file("revoked.pem"), clock);
        revocations.refresh();
        return revocations;
    }

    private void write(CertificateAuthority authority, List<Revoked> revoked) throws IOException {
        folder.writeRevocationList(authority.revocationList(revoked, MONTH));
    }
}
