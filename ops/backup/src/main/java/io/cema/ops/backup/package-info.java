/**
 * Everything the cloud service keeps, into one archive and back: database, artefacts, keys. Plain Java, for the command
 * line alone; what the fleet is told after a restore is the service's business ({@code rollout.update.RestoredFleet}).
 */
package io.cema.ops.backup;
