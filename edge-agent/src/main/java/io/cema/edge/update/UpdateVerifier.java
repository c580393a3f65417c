package io.cema.edge.update;

import com.google.protobuf.ByteString;
import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.adaptation.AdaptationCodec;
import io.cema.protocol.message.AffineUpdate;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.signature.EnvelopeException;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics;

/**
 * Decides whether bytes from a topic are an update for this slot: signed by a trusted key for this very topic, for this
 * model, cohort and channel, of the model's shape, every number finite. Thread-safe.
 */
final class UpdateVerifier {
    private final AdaptedSlot slot;
    private final TrustedKeys keys;
    private final AffineParameters base;
    private final String topic;

    /** @param base the registered model's own affine */
    UpdateVerifier(AdaptedSlot slot, TrustedKeys keys, AffineParameters base) {
        this.slot = slot;
        this.keys = keys;
        this.base = base;
        this.topic = Topics.update(slot.tenant(), slot.cohort(), slot.manifest().digest(), slot.channel());
    }

    /**
     * An update that may be applied as far as its contents go; whether it is new is another question.
     *
     * @param adaptation absolute effective affine of every layer, of each expert
     * @param traceParent of the publication; whatever the message says
     */
    record Verified(String version, UpdateRevision revision, Adaptation adaptation, String traceParent) {}

    Verified verify(String arrivedOn, byte[] bytes) throws UpdateRefusedException {
        AffineUpdate update;
        try {
            update = EnvelopeOpener.openSigned(arrivedOn, bytes, AffineUpdate.getDefaultInstance(), keys);
        } catch (EnvelopeException e) {
            throw unread(e.getMessage());
        }
        UpdateRevision revision = UpdateRevision.of(update.getRevision());
        try {
            requireForThisSlot(arrivedOn, update);
            return new Verified(update.getVersion(), revision, adaptation(update.getAffine()), update.getTraceParent());
        } catch (IllegalArgumentException e) {
            throw new UpdateRefusedException(
                    update.getVersion(),
                    revision,
                    "model " + slot.manifest().name() + ": " + e.getMessage() + " (update " + update.getVersion()
                            + ", cohort " + slot.cohort() + ")");
        }
    }

    private void requireForThisSlot(String arrivedOn, AffineUpdate update) {
        require(arrivedOn.equals(topic), "came on topic " + arrivedOn + ", this slot listens to " + topic);
        require(!update.getVersion().isBlank(), "carries no version");
        require(
                update.getModelDigest().equals(slot.manifest().digest()),
                "is for model digest " + update.getModelDigest() + ", this slot runs "
                        + slot.manifest().digest());
        require(
                update.getCohort().equals(slot.cohort()),
                "is for cohort " + update.getCohort() + ", this slot is in " + slot.cohort());
        require(
                update.getChannel().equals(slot.channel()),
                "is for channel " + update.getChannel() + ", this slot listens to " + slot.channel());
        require(
                update.getActivationScalesCount() == 0,
                "carries activation scales for a quantised model, this agent runs float models only");
    }

    private Adaptation adaptation(ByteString encoded) {
        Adaptation difference =
                AdaptationCodec.decode(encoded.toByteArray(), slot.manifest().layers());
        difference.requireMatches(slot.manifest().layers());
        Adaptation adaptation = difference.plus(base);
        adaptation.requireFinite();
        return adaptation;
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new IllegalArgumentException(problem);
        }
    }

    private static UpdateRefusedException unread(String reason) {
        return new UpdateRefusedException("", UpdateRevision.NONE, reason);
    }
}
