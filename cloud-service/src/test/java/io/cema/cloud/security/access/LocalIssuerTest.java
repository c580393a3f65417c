package io.cema.cloud.security.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.cloud.http.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.HmacKey;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalIssuerTest {
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    Path folder;

    private LocalIssuer issuer;

    @BeforeEach
    void open() throws IOException {
        issuer = LocalIssuer.open(folder.resolve("access"), "acme", HOUR, Clock.systemUTC());
    }

    @Test
    void token_saysWhoseItIs() {
        IssuedToken token = issuer.issue("jane", Role.OPERATOR, HOUR);

        Caller caller = issuer.verify(token.token());

        assertThat(caller.subject()).isEqualTo("jane");
        assertThat(caller.tenant()).isEqualTo("acme");
        assertThat(caller.role()).isEqualTo(Role.OPERATOR);
        assertThat(caller.tokenId()).contains(token.id());
    }

    @Test
    void tokenInTheLog_isNotGivenAway() {
        IssuedToken token = issuer.issue("jane", Role.OPERATOR, HOUR);

        assertThat(token.toString()).doesNotContain(token.token());
    }

    @Test
    void restart_keepsTokensAndMakesNoFurtherAdmin() throws IOException {
        String first = Files.readString(folder.resolve("access").resolve(LocalIssuer.FIRST_ADMIN));
        Files.delete(folder.resolve("access").resolve(LocalIssuer.FIRST_ADMIN));

        LocalIssuer again = LocalIssuer.open(folder.resolve("access"), "acme", HOUR, Clock.systemUTC());

        assertThat(again.verify(first).role()).isEqualTo(Role.ADMIN);
        assertThat(folder.resolve("access").resolve(LocalIssuer.FIRST_ADMIN)).doesNotExist();
    }

    @Test
    void removedKey_voidsEveryToken() throws IOException {
        String old = issuer.issue("jane", Role.ADMIN, HOUR).token();
        Files.delete(folder.resolve("access").resolve(LocalIssuer.KEY));

        LocalIssuer again = LocalIssuer.open(folder.resolve("access"), "acme", HOUR, Clock.systemUTC());

        refuses(again, old, "not one of this service");
    }

    @Test
    void expiredToken_isRefused() {
        refuses(issuer, issuer.issue("jane", Role.ADMIN, Duration.ofMinutes(-1)).token(), "expired");
    }

    /** Not by the machine's clock, which may leap. */
    @Test
    void token_endsByTheClockGiven() throws IOException {
        String token = issuer.issue("jane", Role.ADMIN, HOUR).token();
        Clock later = Clock.offset(Clock.systemUTC(), HOUR.plusMinutes(1));

        refuses(LocalIssuer.open(folder.resolve("access"), "acme", HOUR, later), token, "expired");
    }

    @Test
    void tokenOfAnotherIssuer_isRefused() throws IOException {
        LocalIssuer other = LocalIssuer.open(folder.resolve("other"), "acme", HOUR, Clock.systemUTC());

        refuses(issuer, other.issue("jane", Role.ADMIN, HOUR).token(), "not one of this service");
    }

    @Test
    void changedToken_isRefused() {
        String[] parts = issuer.issue("jane", Role.VIEWER, HOUR).token().split("\\.");
        String content = new String(Base64.getUrlDecoder().decode(parts[1]));
        String changed = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(content.replace("viewer", "admin").getBytes());

        refuses(issuer, parts[0] + "." + changed + "." + parts[2], "not one of this service");
    }

    @Test
    void unsignedToken_isRefused() {
        String[] parts = issuer.issue("jane", Role.ADMIN, HOUR).token().split("\\.");
        String none = Base64.getUrlEncoder().withoutPadding().encodeToString("{\"alg\":\"none\"}".getBytes());

        refuses(issuer, none + "." + parts[1] + ".", "not one of this service");
    }

    @Test
    void tokenSignedWithThePublicKeyAsSecret_isRefused() throws Exception {
        PublicJsonWebKey key = (PublicJsonWebKey) JsonWebKey.Factory.newJwk(
                Files.readString(folder.resolve("access").resolve(LocalIssuer.KEY)));
        JsonWebSignature jws = new JsonWebSignature();
        jws.setPayload(new String(Base64.getUrlDecoder()
                .decode(issuer.issue("jane", Role.ADMIN, HOUR).token().split("\\.")[1])));
        jws.setAlgorithmHeaderValue("HS256");
        jws.setKey(new HmacKey(key.getPublicKey().getEncoded()));

        refuses(issuer, jws.getCompactSerialization(), "not one of this service");
    }

    @Test
    void keyThatOthersMayRead_isNotUsed() throws IOException {
        Files.setPosixFilePermissions(
                folder.resolve("access").resolve(LocalIssuer.KEY), PosixFilePermissions.fromString("rw-r-----"));

        assertThatThrownBy(() -> LocalIssuer.open(folder.resolve("access"), "acme", HOUR, Clock.systemUTC()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("open to others");
    }

    @Test
    void brokenKey_isNotReplaced() throws IOException {
        Files.writeString(folder.resolve("access").resolve(LocalIssuer.KEY), "{}");

        assertThatThrownBy(() -> LocalIssuer.open(folder.resolve("access"), "acme", HOUR, Clock.systemUTC()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("restore it from a backup");
    }

    private static void refuses(LocalIssuer issuer, String token, String why) {
        assertThatThrownBy(() -> issuer.verify(token))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining(why)
                .satisfies(e -> assertThat(((ProblemException) e).status()).isEqualTo(401));
    }
}
