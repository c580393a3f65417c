/**
 * Who may speak for the platform: the certificate authority, claims, enrolment, device certificates and their
 * revocation. Others enter through {@link io.cema.cloud.security.CertificateAuthority}; users and roles live in {@code
 * access}.
 */
package io.cema.cloud.security;
