package io.cema.cloud.security.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.cema.cloud.http.ProblemException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a provider that speaks HTTP: its discovery document and its keys. */
class OidcTokensTest {
    private final RsaJsonWebKey key = key("one");
    private HttpServer provider;
    private String issuer;

    @BeforeEach
    void startProvider() throws IOException {
        provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        issuer = "http://127.0.0.1:" + provider.getAddress().getPort() + "/realm";
        serve("/realm/.well-known/openid-configuration", "{\"jwks_uri\": \"" + issuer + "/keys\"}");
        serve("/realm/keys", new JsonWebKeySet(key).toJson());
        provider.start();
    }

    @AfterEach
    void stopProvider() {
        provider.stop(0);
    }

    @Test
    void token_isVerifiedWithTheKeysThatDiscoveryLeadsTo() {
        Caller caller = tokens("roles").verify(token(key, claims()));

        assertThat(caller).isEqualTo(new Caller("jane", "acme", Role.OPERATOR, Optional.empty()));
    }

    @Test
    void rolesInsideAnObject_areFound() {
        JwtClaims claims = claims();
        claims.unsetClaim("roles");
        claims.setClaim("realm_access", Map.of("roles", List.of("offline_access", "viewer", "admin")));

        assertThat(tokens("realm_access/roles").verify(token(key, claims)).role())
                .isEqualTo(Role.ADMIN);
    }

    @Test
    void tokenForAnotherService_isRefused() {
        JwtClaims claims = claims();
        claims.setAudience("mail");

        refuses(claims, 401);
    }

    @Test
    void tokenOfAnotherIssuer_isRefused() {
        JwtClaims claims = claims();
        claims.setIssuer("http://127.0.0.1/else");

        refuses(claims, 401);
    }

    @Test
    void tokenWithoutEnd_isRefused() {
        JwtClaims claims = claims();
        claims.unsetClaim("exp");

        refuses(claims, 401);
    }

    @Test
    void tokenWithoutTenant_isRefused() {
        JwtClaims claims = claims();
        claims.unsetClaim("tenant");

        refuses(claims, 401);
    }

    @Test
    void tokenWithoutRoleOfOurs_isRefused() {
        JwtClaims claims = claims();
        claims.setStringListClaim("roles", "superuser");

        refuses(claims, 401);
    }

    @Test
    void subjectThatPassesForADevice_isRefused() {
        JwtClaims claims = claims();
        claims.setSubject("device:cam-1");

        refuses(claims, 401);
    }

    @Test
    void tokenWithAnotherKey_isRefused() {
        String forged = token(key("one"), claims());

        assertThatThrownBy(() -> tokens("roles").verify(forged)).satisfies(e -> status(e, 401));
    }

    @Test
    void providerAway_letsNobodyIn() {
        provider.stop(0);

        refuses(claims(), 503);
    }

    @Test
    void providerThatComesBack_isAskedAgain() throws IOException {
        OidcTokens tokens = tokens("roles");
        String token = token(key, claims());
        provider.removeContext("/realm/.well-known/openid-configuration");
        assertThatThrownBy(() -> tokens.verify(token)).satisfies(e -> status(e, 503));

        serve("/realm/.well-known/openid-configuration", "{\"jwks_uri\": \"" + issuer + "/keys\"}");

        assertThat(tokens.verify(token).subject()).isEqualTo("jane");
    }

    @Test
    void missingAudience_isNamed() {
        assertThatThrownBy(() -> new OidcTokens(settings(issuer, Optional.empty(), "roles"), Clock.systemUTC()))
                .hasMessageContaining("cema.access.oidc.audience");
    }

    @Test
    void issuerWithoutHttpsElsewhere_isRefused() {
        assertThatThrownBy(() -> new OidcTokens(
                        settings("http://192.0.2.7/realm", Optional.of("cema"), "roles"), Clock.systemUTC()))
                .hasMessageContaining("https");
    }

    private void refuses(JwtClaims claims, int status) {
        assertThatThrownBy(() -> tokens("roles").verify(token(key, claims))).satisfies(e -> status(e, status));
    }

    private static void status(Throwable e, int status) {
        assertThat(e).isInstanceOf(ProblemException.class);
        assertThat(((ProblemException) e).status()).as(e.getMessage()).isEqualTo(status);
    }

    private JwtClaims claims() {
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(issuer);
        claims.setAudience("cema", "else");
        claims.setSubject("jane");
        claims.setExpirationTimeMinutesInTheFuture(5);
        claims.setStringClaim("tenant", "acme");
        claims.setStringListClaim("roles", "viewer", "operator");
        return claims;
    }

    private OidcTokens tokens(String rolesClaim) {
        return new OidcTokens(settings(issuer, Optional.of("cema"), rolesClaim), Clock.systemUTC());
    }

    private void serve(String path, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        provider.createContext(path, exchange -> {
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }

    private static RsaJsonWebKey key(String id) {
        try {
            RsaJsonWebKey made = RsaJwkGenerator.generateJwk(2048);
            made.setKeyId(id);
            return made;
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String token(RsaJsonWebKey with, JwtClaims claims) {
        JsonWebSignature jws = new JsonWebSignature();
        jws.setAlgorithmHeaderValue("RS256");
        jws.setKeyIdHeaderValue(with.getKeyId());
        jws.setPayload(claims.toJson());
        jws.setKey(with.getPrivateKey());
        try {
            return jws.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    private static AccessSettings.Oidc settings(String issuer, Optional<String> audience, String rolesClaim) {
        return new AccessSettings.Oidc() {
            @Override
            public Optional<URI> issuer() {
                return Optional.of(URI.create(issuer));
            }

            @Override
            public Optional<String> audience() {
                return audience;
            }

            @Override
            public Optional<URI> jwks() {
                return Optional.empty();
            }

            @Override
            public String rolesClaim() {
                return rolesClaim;
            }

            @Override
            public String tenantClaim() {
                return "tenant";
            }
        };
    }
}
