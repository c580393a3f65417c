package io.cema.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.protocol.message.AffineUpdate;
import io.cema.protocol.model.AffineCodec;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.AffineParameters.Layer;
import io.cema.protocol.model.NormKind;
import io.cema.protocol.model.NormLayer;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.signature.TrustedKeys;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Messages as earlier versions sent them. A recording is never changed: agents in the field may be two minor versions
 * older than the cloud, so what stands here must be readable for as long.
 */
class RecordedMessagesTest {
    private static final String TOPIC = "cema/v1/default/c/east/0123456789abcdef/stable/update";

    @Test
    void update_of_version_1_opens_under_its_key() throws Exception {
        AffineUpdate update = recordedUpdate();
        assertThat(update.getVersion()).isEqualTo("01JD0000000000000000000000");
        assertThat(update.getRevision().getRevision()).isEqualTo(7);
        assertThat(update.getActivationScalesMap()).containsEntry("conv1", 0.5f);
        assertThat(update.getStep()).isEqualTo(420);
    }

    @Test
    void affine_parameters_of_version_1_decode_to_what_they_were() throws Exception {
        List<NormLayer> layers = List.of(
                new NormLayer("bn1", NormKind.BATCH, 3, 1e-5, false),
                new NormLayer("bn2", NormKind.BATCH, 2, 1e-5, false));
        assertThat(AffineCodec.decode(recordedUpdate().getAffine().toByteArray(), layers))
                .isEqualTo(new AffineParameters(List.of(
                        new Layer("bn1", new float[] {0.5f, -0.25f, 0}, new float[] {0.125f, 0, -1}),
                        new Layer("bn2", new float[] {0, 0}, new float[] {0.75f, 0.5f}))));
    }

    private static AffineUpdate recordedUpdate() throws IOException, URISyntaxException {
        TrustedKeys keys = TrustedKeys.fromPem(Path.of(RecordedMessagesTest.class
                .getResource("recorded/v1-key.pub.pem")
                .toURI()));
        try (InputStream in = RecordedMessagesTest.class.getResourceAsStream("recorded/v1-affine-update.bin")) {
            return EnvelopeOpener.openSigned(TOPIC, in.readAllBytes(), AffineUpdate.getDefaultInstance(), keys);
        }
    }
}
