/**
 * Which version of its parameters a cohort's devices run: canaries first, promotion or revocation by their health, and what
 * operators want: pin, freeze, roll back, base models. Others enter by REST, the loops by {@code adaptation.CanaryPhase}.
 */
package io.cema.cloud.rollout.update;
