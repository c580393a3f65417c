/**
 * The way to the cloud over HTTP: whom to trust there, and the certificate to show. Enrolment and downloads enter through
 * {@link io.cema.edge.cloud.CloudConnection}.
 */
package io.cema.edge.cloud;
