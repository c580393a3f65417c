package io.cema.edge.device;

import io.cema.edge.inference.EngineFactory;
import io.cema.edge.storage.Damages;
import io.cema.edge.update.ActiveModels;
import io.cema.edge.update.GuardSettings;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.signature.TrustedKeys;
import io.opentelemetry.api.trace.Tracer;
import java.nio.file.Path;

/**
 * What the slots of a device share.
 *
 * @param folder where desired state and accepted updates are kept
 * @param shadowFrames frames each slot keeps to try updates on
 * @param maxSlots slots that are served; those beyond are refused
 * @param listener told of every slot, on the slots' threads
 * @param damages told of files found damaged
 * @param tracer of updates that are part of a trace
 */
public record SlotParts(
        DeviceIdentity identity,
        Path folder,
        MqttLink link,
        TrustedKeys keys,
        ArtefactCache artefacts,
        EngineFactory engines,
        ActiveModels models,
        GuardSettings guard,
        int shadowFrames,
        int maxSlots,
        SlotListener listener,
        Damages damages,
        Tracer tracer) {}
