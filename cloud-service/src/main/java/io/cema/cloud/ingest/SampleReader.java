package io.cema.cloud.ingest;

import com.github.f4b6a3.ulid.Ulid;
import io.cema.cloud.messaging.DeadLetter;
import io.cema.cloud.model.Sha256;
import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.message.SampleInfo;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.message.UploadReason;
import io.cema.protocol.signature.EnvelopeException;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.topic.Topics;
import java.util.Optional;

/** Reads a message and checks all that can be told from the message alone. Pure; never throws for bad input. */
final class SampleReader {
    private static final int MAX_SIDE = 16_384;
    private static final int MAX_NAME = 30;

    private final IngestSettings settings;

    SampleReader(IngestSettings settings) {
        this.settings = settings;
    }

    Arrival read(String topic, byte[] payload) {
        String device = deviceOf(topic);
        if (device == null) {
            return unreadable(topic, payload, Optional.empty(), "topic is not that of a device's samples");
        }
        if (payload.length > settings.maxPayloadBytes()) {
            return unreadable(
                    topic,
                    payload,
                    Optional.empty(),
                    "payload has " + payload.length + " bytes, at most " + settings.maxPayloadBytes()
                            + " are taken (cema.ingest.max-payload-bytes); send the image in more parts");
        }
        SamplePart part;
        try {
            part = EnvelopeOpener.openUnsigned(payload, SamplePart.getDefaultInstance());
        } catch (EnvelopeException e) {
            return unreadable(topic, payload, Optional.empty(), "not a sample: " + e.getMessage());
        }
        if (!Ulid.isValid(part.getSampleId())) {
            return unreadable(topic, payload, Optional.empty(), "sample id '" + part.getSampleId() + "' is not a ULID");
        }
        return fault(part)
                .<Arrival>map(fault -> unreadable(topic, payload, Optional.of(part.getSampleId()), fault))
                .orElseGet(() -> new Arrival.Part(topic, device, part, payload));
    }

    private Optional<String> fault(SamplePart part) {
        SampleInfo info = part.getInfo();
        if (part.getParts() < 1 || part.getParts() > settings.maxParts()) {
            return Optional.of("image comes in " + Integer.toUnsignedString(part.getParts())
                    + " parts, allowed are 1 to " + settings.maxParts() + " (cema.ingest.max-parts)");
        }
        if (part.getPart() < 0 || part.getPart() >= part.getParts()) {
            return Optional.of("part " + Integer.toUnsignedString(part.getPart()) + " of " + part.getParts()
                    + " parts; they count from 0");
        }
        if (part.getTotalBytes() < 1 || part.getTotalBytes() > settings.maxImageBytes()) {
            return Optional.of("image of " + Integer.toUnsignedString(part.getTotalBytes())
                    + " bytes, allowed are 1 to " + settings.maxImageBytes() + " (cema.ingest.max-image-bytes)");
        }
        if (part.getData().isEmpty()) {
            return Optional.of("part " + part.getPart() + " is empty");
        }
        if (part.getSha256().size() != 32) {
            return Optional.of("SHA-256 of the image has " + part.getSha256().size() + " bytes instead of 32");
        }
        if (info.getFormat() == ImageFormat.IMAGE_FORMAT_UNSPECIFIED || info.getFormat() == ImageFormat.UNRECOGNIZED) {
            return Optional.of("image format " + info.getFormatValue() + " is unknown");
        }
        if (info.getReason() == UploadReason.UPLOAD_REASON_UNSPECIFIED
                || info.getReason() == UploadReason.UNRECOGNIZED) {
            return Optional.of("upload reason " + info.getReasonValue() + " is unknown");
        }
        if (info.getWidth() < 1 || info.getWidth() > MAX_SIDE || info.getHeight() < 1 || info.getHeight() > MAX_SIDE) {
            return Optional.of("image size " + Integer.toUnsignedString(info.getWidth()) + "x"
                    + Integer.toUnsignedString(info.getHeight()) + ", allowed is 1 to " + MAX_SIDE + " a side");
        }
        if (!Float.isFinite(info.getEntropy()) || info.getEntropy() < 0) {
            return Optional.of("entropy " + info.getEntropy() + " is not a finite number of nats from 0");
        }
        if (info.getPredictedClass() < 0) {
            return Optional.of(
                    "predicted class " + Integer.toUnsignedString(info.getPredictedClass()) + " is impossible");
        }
        if (!Sha256.isDigest(info.getModelDigest())) {
            return Optional.of("model digest '" + info.getModelDigest() + "' is not 64 lower-case hex digits");
        }
        if (info.getCohort().length() > MAX_NAME || info.getUpdateVersion().length() > MAX_NAME) {
            return Optional.of("cohort or update version is longer than " + MAX_NAME + " characters");
        }
        if (!info.getUpdateVersion().isEmpty() && !Ulid.isValid(info.getUpdateVersion())) {
            return Optional.of("update version '" + info.getUpdateVersion() + "' is neither empty nor a ULID");
        }
        return Optional.empty();
    }

    private static String deviceOf(String topic) {
        try {
            return Topics.parse(topic) instanceof Topics.DeviceTopic device
                            && device.leaf() == Topics.DeviceLeaf.SAMPLES
                    ? device.device()
                    : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static Arrival.Unreadable unreadable(
            String topic, byte[] payload, Optional<String> sampleId, String reason) {
        return new Arrival.Unreadable(
                new DeadLetter(topic, Optional.ofNullable(deviceOf(topic)), sampleId, reason, payload));
    }
}
