import io.cema.protocol.model.Digests;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.SelectionPolicy;
import io.cema.protocol.message.Slot;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.signature.SigningKey;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Leaves a model in an agent's folder as an earlier run with a cloud would have: a signed desired state and the
 * artefacts it names. Only for packaging's own runs, with a key made on the spot: {@code GiveModel MODEL.onnx DATA_DIR
 * KEY_DIR DEVICE}.
 */
final class GiveModel {
    private static final String TENANT = "default";

    public static void main(String[] arguments) throws IOException {
        byte[] onnx = Files.readAllBytes(Path.of(arguments[0]));
        Path data = Path.of(arguments[1]);
        SigningKey key = SigningKey.loadOrCreate(Path.of(arguments[2]));
        OnnxModel model = OnnxModel.parse(onnx);
        ModelManifest manifest =
                model.manifest("packaged", List.of(), new Preprocessing(List.of(.5, .5, .5), List.of(.25, .25, .25)));
        byte[] json = manifest.toJson();
        Path models = Files.createDirectories(data.resolve("models"));
        Files.write(models.resolve(manifest.digest()), onnx);
        Files.write(models.resolve(Digests.hex(json)), json);
        Slot slot = Slot.newBuilder()
                .setModelDigest(manifest.digest())
                .setModelSize(onnx.length)
                .setManifestDigest(Digests.hex(json))
                .setManifestSize(json.length)
                .setCohort("packaging")
                .setChannel("stable")
                .setSelection(SelectionPolicy.getDefaultInstance())
                .setAdaptation(true)
                .build();
        DesiredState desired =
                DesiredState.newBuilder().setVersion(1).addSlots(slot).build();
        String topic = Topics.device(TENANT, arguments[3], DeviceLeaf.DESIRED);
        Files.write(
                data.resolve("desired.bin"),
                EnvelopeSealer.sign(topic, desired, key.id(), key.privateKey(), 1)
                        .toByteArray());
    }
}
