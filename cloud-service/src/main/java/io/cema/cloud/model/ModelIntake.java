package io.cema.cloud.model;

import io.cema.cloud.adaptation.torch.NormRestorer;
import io.cema.cloud.adaptation.torch.TorchModel;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxModel;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Takes a model in: parses and checks it, restores normalisation layers that were folded away, derives the manifest,
 * stores both artefacts and then the row. Blocks, for seconds with a large model: worker threads only.
 */
@ApplicationScoped
public class ModelIntake {
    private final TenantDatabase database;
    private final ModelRegistry models;
    private final ArtefactStore artefacts;

    ModelIntake(TenantDatabase database, ModelRegistry models, ArtefactStore artefacts) {
        this.database = database;
        this.models = models;
        this.artefacts = artefacts;
    }

    /** @param isNew false if the very same model was registered before */
    record Registration(RegisteredModel model, boolean isNew) {}

    /** Registers a model that the service made itself; returns its digest. Fails as a request would. */
    public String register(String tenant, byte[] onnx, String name, Preprocessing preprocessing, List<String> labels) {
        return register(tenant, new ModelUpload(onnx, name, preprocessing, labels, Optional.empty()))
                .model()
                .manifest()
                .digest();
    }

    /** Fails with 422 if the model cannot be adapted, 409 if it is registered with other properties. */
    Registration register(String tenant, ModelUpload upload) {
        OnnxModel uploaded = parse(upload);
        OnnxModel model = uploaded.normLayers().isEmpty() ? restored(uploaded, upload) : uploaded;
        requireLabels(model, upload);
        requireSupported(model);
        RegisteredModel candidate = stored(model, upload, model != uploaded);
        boolean isNew = database.inTransaction(tenant, connection -> models.insert(connection, candidate))
                .await()
                .indefinitely();
        RegisteredModel registered =
                models.find(tenant, candidate.manifest().digest()).await().indefinitely();
        if (!isNew && !registered.manifestDigest().equals(candidate.manifestDigest())) {
            throw ProblemException.conflict("model " + candidate.manifest().digest() + " is registered as '"
                    + registered.manifest().name() + "' with another name, mean, std or labels; a model's properties"
                    + " cannot change once devices may hold them");
        }
        return new Registration(registered, isNew);
    }

    private static OnnxModel parse(ModelUpload upload) {
        try {
            return OnnxModel.parse(upload.onnx());
        } catch (OnnxFormatException e) {
            throw unsupported(e.getMessage());
        }
    }

    private static OnnxModel restored(OnnxModel model, ModelUpload upload) {
        byte[] calibration = upload.calibration()
                .orElseThrow(() -> unsupported("model " + upload.name() + " has no normalisation layer, probably folded"
                        + " into the convolutions by the exporter; send a few hundred unlabelled source images as part"
                        + " `calibration` of a form, and it is put back"));
        try {
            return NormRestorer.restore(
                    model,
                    SourceImages.tensor(
                            SourceImages.read("calibration", calibration),
                            model.height(),
                            model.width(),
                            upload.preprocessing()),
                    TorchSettings.cpu(0));
        } catch (OnnxFormatException | IllegalArgumentException e) {
            throw unsupported("model " + upload.name() + ": " + e.getMessage());
        }
    }

    /** The loop will have to run it: an operator that is not supported shall be told now and not then. */
    private static void requireSupported(OnnxModel model) {
        try {
            TorchModel.load(model, TorchSettings.cpu(0)).close();
        } catch (OnnxFormatException e) {
            throw unsupported(e.getMessage());
        }
    }

    private static void requireLabels(OnnxModel model, ModelUpload upload) {
        int labels = upload.labels().size();
        if (labels != 0 && labels != model.classes()) {
            throw ProblemException.unprocessable(
                    "labels-differ",
                    "Labels and classes differ",
                    "model " + upload.name() + " has " + model.classes() + " classes, `labels` names " + labels);
        }
    }

    private RegisteredModel stored(OnnxModel model, ModelUpload upload, boolean restored) {
        artefacts.put(model.toBytes()).await().indefinitely();
        Optional<String> source = restored
                ? Optional.of(
                        artefacts.put(upload.onnx()).await().indefinitely().digest())
                : Optional.empty();
        ModelManifest manifest = model.manifest(upload.name(), upload.labels(), upload.preprocessing());
        Artefact text = artefacts
                .put(models.text(manifest).getBytes(StandardCharsets.UTF_8))
                .await()
                .indefinitely();
        return new RegisteredModel(manifest, text.digest(), text.size(), source, Instant.now());
    }

    private static ProblemException unsupported(String detail) {
        return ProblemException.unprocessable("unsupported-model", "The model cannot be adapted", detail);
    }
}
