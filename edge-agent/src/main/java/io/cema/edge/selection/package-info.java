/** Which images are worth uploading: forward-only, one image at a time, plain Java without a container. */
package io.cema.edge.selection;
