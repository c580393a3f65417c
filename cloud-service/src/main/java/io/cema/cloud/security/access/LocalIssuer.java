package io.cema.cloud.security.access;

import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.cloud.security.PemFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jboss.logging.Logger;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.EllipticCurveJsonWebKey;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;

/**
 * Issues tokens for one machine. Its key lies in a file for its owner alone; whoever has that file is admin. Made with
 * the first admin's token, which is logged that once and else stands in a file beside the key. To void every token,
 * remove the key and start again.
 */
final class LocalIssuer implements TokenVerifier {
    static final String KEY = "issuer.jwk";
    static final String FIRST_ADMIN = "first-admin.token";
    private static final Logger LOG = Logger.getLogger(LocalIssuer.class);
    private static final String ISSUER = "cema-local";
    private static final String AUDIENCE = "cema-cloud";
    private static final String ROLES = "roles";
    private static final String TENANT = "tenant";

    private final EllipticCurveJsonWebKey key;
    private final String tenant;
    private final TokenClaims claims;
    private final Clock clock;

    private LocalIssuer(EllipticCurveJsonWebKey key, String tenant, Clock clock) {
        this.key = key;
        this.tenant = tenant;
        this.clock = clock;
        this.claims = new TokenClaims(
                ISSUER,
                AUDIENCE,
                (jws, nesting) -> key.getPublicKey(),
                List.of(AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256),
                ROLES,
                TENANT,
                clock);
    }

    /**
     * Opens the issuer of that folder; makes one the first time, with a token for its first admin.
     *
     * @param tenant its tokens are for
     * @throws IOException naming the file that cannot be used
     */
    static LocalIssuer open(Path folder, String tenant, Duration firstAdminValidity, Clock clock) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder.toAbsolutePath().getParent());
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Path file = folder.resolve(KEY);
        try (FileChannel channel =
                        FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (Files.exists(file)) {
                return new LocalIssuer(read(file), tenant, clock);
            }
            EllipticCurveJsonWebKey made = EcJwkGenerator.generateJwk(EllipticCurves.P256);
            LocalIssuer issuer = new LocalIssuer(made, tenant, clock);
            IssuedToken first = issuer.issue("first-admin", Role.ADMIN, firstAdminValidity);
            PemFiles.writeSecret(folder.resolve(FIRST_ADMIN), first.token());
            // The key last: only with it there is an issuer.
            PemFiles.writeSecret(file, made.toJson(JsonWebKey.OutputControlLevel.INCLUDE_PRIVATE));
            LOG.infof(
                    "first admin's token, shown this once, until %s, also in %s: %s",
                    first.expiry(), folder.resolve(FIRST_ADMIN).toAbsolutePath(), first.token());
            return issuer;
        } catch (JoseException e) {
            throw new IOException("no key for tokens can be made: " + e.getMessage(), e);
        }
    }

    private static EllipticCurveJsonWebKey read(Path file) throws IOException {
        try {
            if (JsonWebKey.Factory.newJwk(PemFiles.readSecret(file)) instanceof EllipticCurveJsonWebKey read
                    && read.getPrivateKey() != null) {
                return read;
            }
        } catch (JoseException e) {
            LOG.debugf(e, "%s is not read", file);
        }
        throw new IOException(file + " holds no private elliptic curve key: restore it from a backup, or remove it to"
                + " make a new one and a new first admin's token, which voids all others");
    }

    IssuedToken issue(String subject, Role role, Duration lifetime) {
        String id = UlidCreator.getUlid().toString();
        Instant now = clock.instant();
        Instant expiry = Instant.ofEpochSecond(now.plus(lifetime).getEpochSecond());
        JwtClaims content = new JwtClaims();
        content.setIssuer(ISSUER);
        content.setAudience(AUDIENCE);
        content.setSubject(subject);
        content.setJwtId(id);
        content.setIssuedAt(NumericDate.fromSeconds(now.getEpochSecond()));
        content.setExpirationTime(NumericDate.fromSeconds(expiry.getEpochSecond()));
        content.setStringClaim(TENANT, tenant);
        content.setStringListClaim(ROLES, role.label());
        JsonWebSignature jws = new JsonWebSignature();
        jws.setHeader("typ", "JWT");
        jws.setAlgorithmHeaderValue(AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256);
        jws.setPayload(content.toJson());
        jws.setKey(key.getPrivateKey());
        try {
            return new IssuedToken(id, subject, role, tenant, expiry, jws.getCompactSerialization());
        } catch (JoseException e) {
            throw new IllegalStateException("a token cannot be signed", e);
        }
    }

    @Override
    public Caller verify(String token) {
        try {
            Caller caller = claims.read(token);
            if (caller.tokenId().isEmpty()) {
                throw TokenVerifier.refused("the token has no id, so it could not be revoked");
            }
            return caller;
        } catch (InvalidJwtException e) {
            throw TokenVerifier.refused(
                    e.hasExpired()
                            ? "the token has expired; ask an admin for a new one"
                            : "the token is not one of this service; POST /api/v1/tokens gives one");
        }
    }
}
