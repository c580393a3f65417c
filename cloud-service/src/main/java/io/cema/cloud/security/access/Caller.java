package io.cema.cloud.security.access;

import java.util.Optional;

/**
 * What a token says of the one who shows it.
 *
 * @param tokenId absent if the issuer gives none
 */
record Caller(String subject, String tenant, Role role, Optional<String> tokenId) {}
