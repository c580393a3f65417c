/**
 * Serves the operator's page, which the build makes of {@code src/main/web}: files by name, with the headers that keep other
 * content out. It knows nothing of the fleet; the page asks the REST interface as any other client.
 */
package io.cema.cloud.page;
