/**
 * What all features need that count for {@code /q/metrics}: names of cohorts in bounded number, and a look at the database now
 * and then. What is counted stands with the feature that counts it, in a class {@code ...Meters}.
 */
package io.cema.cloud.metrics;
