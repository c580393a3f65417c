/**
 * Who may call what: bearer tokens, of an OIDC provider or of this machine's own issuer, three roles, one table. Nothing
 * enters: a filter stands before every resource.
 */
package io.cema.cloud.security.access;
