/** Whether and where to this process sends its spans. What is a span is said by the feature that does the work. */
package io.cema.cloud.tracing;
