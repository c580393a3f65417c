/** Measures the system; the only place that may see both edge and cloud. */
package io.cema.bench;
