/**
 * What all REST resources have in common: errors as RFC 9457 problem details, pages of lists, the form of ids and paths,
 * the order of filters. Features throw {@link io.cema.cloud.http.ProblemException} or extend it.
 */
package io.cema.cloud.http;
