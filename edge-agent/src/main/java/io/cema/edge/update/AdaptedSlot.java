package io.cema.edge.update;

import io.cema.protocol.model.ModelManifest;

/**
 * The slot whose updates a processor takes.
 *
 * @param tenant the device's tenant
 * @param cohort the device's cohort in this slot
 * @param channel "stable" or "canary"
 * @param floor updates at or below are refused, whatever was accepted before
 * @param pinnedVersion the only version to apply, empty for any
 * @param manifest of the slot's model
 */
public record AdaptedSlot(
        String tenant,
        String cohort,
        String channel,
        UpdateRevision floor,
        String pinnedVersion,
        ModelManifest manifest) {}
