package io.cema.protocol.adaptation;

import io.cema.protocol.model.AffineParameters;
import java.util.Optional;

/**
 * One affine and the images it is for. Immutable.
 *
 * @param look scores the images it is for; empty if it is for all
 */
public record Expert(AffineParameters affine, Optional<LookScore> look) {}
