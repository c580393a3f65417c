package io.cema.edge.cloud;

import java.nio.file.Path;

/**
 * What the device shows and whom it trusts, in PEM files that a renewal replaces.
 *
 * @param authority of the platform
 * @param chain the device's certificate with what stands behind it
 * @param key of the device
 */
public record ClientCertificate(Path authority, Path chain, Path key) {}
