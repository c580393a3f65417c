package io.cema.cloud.security.access;

import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.VerificationKeyResolver;

/**
 * What every token must hold, whoever made it: a signature of an expected asymmetric algorithm, issuer, audience, end,
 * subject, tenant, and a role known here.
 */
final class TokenClaims {
    private static final int SKEW_SECONDS = 30;
    private static final int LONGEST_SUBJECT = 255;

    /** For now: its time is fixed when it is made. */
    private final Supplier<JwtConsumer> consumer;

    private final String rolesClaim;
    private final String tenantClaim;

    /** @param clock by which a token has ended */
    TokenClaims(
            String issuer,
            String audience,
            VerificationKeyResolver keys,
            List<String> algorithms,
            String rolesClaim,
            String tenantClaim,
            Clock clock) {
        this.consumer = () -> new JwtConsumerBuilder()
                .setExpectedIssuer(issuer)
                .setExpectedAudience(audience)
                .setRequireExpirationTime()
                .setRequireSubject()
                .setEvaluationTime(NumericDate.fromMilliseconds(clock.millis()))
                .setAllowedClockSkewInSeconds(SKEW_SECONDS)
                .setVerificationKeyResolver(keys)
                .setJwsAlgorithmConstraints(
                        AlgorithmConstraints.ConstraintType.PERMIT, algorithms.toArray(String[]::new))
                .build();
        this.rolesClaim = rolesClaim;
        this.tenantClaim = tenantClaim;
    }

    /** @throws InvalidJwtException for any token that does not hold; its cause tells whether a key could not be had */
    Caller read(String token) throws InvalidJwtException {
        JwtClaims claims = consumer.get().processToClaims(token);
        try {
            String subject = claims.getSubject();
            if (subject.isBlank() || subject.length() > LONGEST_SUBJECT) {
                throw TokenVerifier.refused("the token's subject must have 1 to " + LONGEST_SUBJECT + " characters");
            }
            if (subject.equals("anonymous") || subject.startsWith("device:")) {
                throw TokenVerifier.refused("the token's subject is a name of the audit log for others: " + subject);
            }
            if (!(at(claims, tenantClaim) instanceof String tenant)) {
                throw TokenVerifier.refused("the token has no claim `" + tenantClaim + "` with a tenant");
            }
            Role role = Role.highest(names(at(claims, rolesClaim)))
                    .orElseThrow(() -> TokenVerifier.refused("the token's claim `" + rolesClaim
                            + "` has none of monitor, viewer, operator, admin; ask who issues it for one"));
            return new Caller(subject, tenant, role, Optional.ofNullable(claims.getJwtId()));
        } catch (MalformedClaimException e) {
            throw TokenVerifier.refused("the token's claims have not the form of RFC 7519");
        }
    }

    private static Object at(JwtClaims claims, String path) {
        Object value = claims.getClaimsMap();
        for (String name : path.split("/")) {
            value = value instanceof Map<?, ?> object ? object.get(name) : null;
        }
        return value;
    }

    private static Collection<?> names(Object value) {
        return value instanceof Collection<?> several ? several : value == null ? List.of() : List.of(value);
    }
}
