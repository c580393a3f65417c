package io.cema.cloud.security.access;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.cloud.http.ProblemException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.Key;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jose4j.jwk.HttpsJwks;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwx.JsonWebStructure;
import org.jose4j.keys.resolvers.HttpsJwksVerificationKeyResolver;
import org.jose4j.lang.UnresolvableKeyException;

/**
 * Verifies the tokens of an OIDC provider with the keys it publishes. The keys are fetched when first needed, again when
 * they are old or a token names an unknown one; while they cannot be had, nobody is let in.
 */
final class OidcTokens implements TokenVerifier {
    private static final Logger LOG = Logger.getLogger(OidcTokens.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long BETWEEN_FETCHES_MILLIS = 10_000;
    private static final List<String> ALGORITHMS = List.of(
            AlgorithmIdentifiers.RSA_USING_SHA256,
            AlgorithmIdentifiers.RSA_USING_SHA384,
            AlgorithmIdentifiers.RSA_USING_SHA512,
            AlgorithmIdentifiers.RSA_PSS_USING_SHA256,
            AlgorithmIdentifiers.RSA_PSS_USING_SHA384,
            AlgorithmIdentifiers.RSA_PSS_USING_SHA512,
            AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256,
            AlgorithmIdentifiers.ECDSA_USING_P384_CURVE_AND_SHA384);

    private final URI issuer;
    private final Optional<URI> jwks;
    private final TokenClaims claims;
    private volatile HttpsJwksVerificationKeyResolver keys;

    /** @throws IllegalArgumentException naming the setting that is missing or wrong */
    OidcTokens(AccessSettings.Oidc settings, Clock clock) {
        issuer = settings.issuer().orElseThrow(() -> missing("issuer"));
        jwks = settings.jwks();
        requirePrivate("issuer", issuer);
        jwks.ifPresent(address -> requirePrivate("jwks", address));
        claims = new TokenClaims(
                issuer.toString(),
                settings.audience().filter(a -> !a.isBlank()).orElseThrow(() -> missing("audience")),
                this::key,
                ALGORITHMS,
                settings.rolesClaim(),
                settings.tenantClaim(),
                clock);
    }

    @Override
    public Caller verify(String token) {
        try {
            return claims.read(token);
        } catch (InvalidJwtException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof IOException) {
                    LOG.warnf("the keys of %s cannot be had: %s", issuer, cause.getMessage());
                    throw new ProblemException(
                            503, "issuer-away", "The issuer of tokens does not answer", "try again soon");
                }
            }
            throw TokenVerifier.refused(
                    e.hasExpired()
                            ? "the token has expired"
                            : "the token is not one of " + issuer + " for this service");
        }
    }

    private Key key(JsonWebSignature jws, List<JsonWebStructure> nesting) throws UnresolvableKeyException {
        try {
            return resolver().resolveKey(jws, nesting);
        } catch (IOException e) {
            throw new UnresolvableKeyException("no keys of " + issuer, e);
        }
    }

    private HttpsJwksVerificationKeyResolver resolver() throws IOException {
        HttpsJwksVerificationKeyResolver known = keys;
        if (known == null) {
            HttpsJwks source = new HttpsJwks((jwks.isPresent() ? jwks.get() : discovered()).toString());
            source.setRefreshReprieveThreshold(BETWEEN_FETCHES_MILLIS); // unknown key ids must not flood the provider
            known = new HttpsJwksVerificationKeyResolver(source);
            keys = known;
        }
        return known;
    }

    /** OpenID Connect Discovery 1.0, section 4. */
    private URI discovered() throws IOException {
        URI address = URI.create(issuer.toString().replaceAll("/$", "") + "/.well-known/openid-configuration");
        try {
            HttpResponse<byte[]> answer = HttpClient.newBuilder()
                    .connectTimeout(PATIENCE)
                    .build()
                    .send(
                            HttpRequest.newBuilder(address).timeout(PATIENCE).build(),
                            HttpResponse.BodyHandlers.ofByteArray());
            var document = answer.statusCode() == 200 ? new ObjectMapper().readTree(answer.body()) : null;
            if (document == null || !document.path("jwks_uri").isTextual()) {
                throw new IOException(address + " answered " + answer.statusCode()
                        + " without a jwks_uri; set cema.access.oidc.jwks");
            }
            URI found = URI.create(document.path("jwks_uri").asText());
            requirePrivate("jwks", found);
            return found;
        } catch (IllegalArgumentException e) {
            throw new IOException(address + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted at " + address, e);
        }
    }

    /** Whoever could put keys of his own into the answer would be let in. */
    private static void requirePrivate(String name, URI address) {
        if (!"https".equals(address.getScheme()) && !loopback(address.getHost())) {
            throw new IllegalArgumentException(
                    "cema.access.oidc." + name + " is " + address + ": it must be https, or on this machine");
        }
    }

    private static boolean loopback(String host) {
        try {
            return host != null && InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static IllegalArgumentException missing(String name) {
        return new IllegalArgumentException(
                "cema.access.oidc." + name + " is missing, and cema.access.mode=oidc needs it");
    }
}
