/**
 * How the device comes to its certificate: key, request, claim, renewal. Nothing of it runs unless a claim was given
 * once; the application enters through {@link io.cema.edge.enrolment.Enrolment}.
 */
package io.cema.edge.enrolment;
