package io.cema.edge.update;

import com.google.protobuf.ByteString;
import io.cema.edge.TestModels;
import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.adaptation.AdaptationCodec;
import io.cema.protocol.message.AffineUpdate;
import io.cema.protocol.message.Revision;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.signature.SigningKey;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.trace.Tracing;
import java.io.IOException;
import java.nio.file.Path;

/** One slot with everything around it, and updates for it as the cloud would make them. */
final class UpdateFixture {
    static final String TENANT = "default";
    static final String COHORT = "fog-east";

    final OnnxModel model = TestModels.residual();
    final ModelManifest manifest = TestModels.manifest("residual", model);
    final SigningKey key = SigningKey.generate();
    final EngineFactory engines = new OnnxRuntimeEngineFactory(1);
    final AffineFolder folder = new AffineFolder(model);
    final ActiveModelHolder holder = new ActiveModelHolder();
    final ShadowFrames shadow = new ShadowFrames(64);
    final String topic = Topics.update(TENANT, COHORT, manifest.digest(), "stable");
    private final Path data;
    private UpdateRevision floor = UpdateRevision.NONE;
    private GuardSettings guard = new GuardSettings(32, 0.25, 0.8, 0.3, 64);

    UpdateFixture(Path data) {
        this.data = data;
    }

    UpdateFixture withFloor(long revision) {
        floor = new UpdateRevision(0, revision);
        return this;
    }

    UpdateFixture withGuard(GuardSettings settings) {
        guard = settings;
        return this;
    }

    /** A processor as after a start of the agent. */
    UpdateProcessor start() throws IOException {
        return start(Tracing.off());
    }

    UpdateProcessor start(Tracing tracing) throws IOException {
        UpdateProcessor processor = new UpdateProcessor(
                new AdaptedSlot(TENANT, COHORT, "stable", floor, "", manifest),
                folder,
                engines,
                TrustedKeys.of(key.publicKey()),
                holder,
                AcceptedUpdates.open(data),
                shadow,
                guard,
                tracing.tracer());
        processor.start();
        return processor;
    }

    AffineUpdate.Builder update(String version, long revision, AffineParameters difference) {
        return update(version, revision, Adaptation.of(difference));
    }

    AffineUpdate.Builder update(String version, long revision, Adaptation difference) {
        return AffineUpdate.newBuilder()
                .setVersion(version)
                .setRevision(Revision.newBuilder().setRevision(revision))
                .setModelDigest(manifest.digest())
                .setCohort(COHORT)
                .setChannel("stable")
                .setAffine(ByteString.copyFrom(AdaptationCodec.encode(difference)));
    }

    AffineUpdate.Builder update(String version, long revision) {
        return update(version, revision, TestModels.difference(folder.base(), .05, revision));
    }

    byte[] signed(AffineUpdate.Builder update) {
        return signed(topic, update);
    }

    byte[] signed(String onTopic, AffineUpdate.Builder update) {
        return EnvelopeSealer.sign(onTopic, update.build(), key.id(), key.privateKey(), 1)
                .toByteArray();
    }

    String versionInUse() {
        try (ActiveModelHolder.Lease lease = holder.lease().orElseThrow()) {
            return lease.model().origin().update();
        }
    }

    int expertsInUse() {
        try (ActiveModelHolder.Lease lease = holder.lease().orElseThrow()) {
            return lease.model().origin().experts();
        }
    }

    float[] logits(float[] input, int n) {
        try (ActiveModelHolder.Lease lease = holder.lease().orElseThrow()) {
            return lease.model().engine().logits(input, n);
        }
    }

    void fillShadow() {
        for (int i = 0; i < 64; i++) {
            shadow.add(TestModels.colouredInput(i));
        }
    }
}
