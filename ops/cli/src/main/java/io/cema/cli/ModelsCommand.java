package io.cema.cli;

import io.cema.client.ApiClient;
import io.cema.client.ApiException;
import io.cema.client.api.ArtefactsApi;
import io.cema.client.api.ArtefactsApi.APIGetArtefactRequest;
import io.cema.client.api.ModelsApi;
import io.cema.client.api.ModelsApi.APIGetModelRequest;
import io.cema.client.api.ModelsApi.APIListModelsRequest;
import io.cema.client.api.ModelsApi.APIRegisterModelRequest;
import io.cema.client.model.ModelView;
import io.cema.client.model.PageModelView;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code models}. */
@Command(name = "models", description = "ONNX classifiers, by the SHA-256 of their file.")
final class ModelsCommand extends Group {
    @Command(name = "list", description = "Lists the models, newest first.")
    void list(@Mixin Paging paging) throws ApiException {
        ModelsApi api = api();
        cema().show(
                        paging.collect((from, size) -> {
                            PageModelView page = api.listModels(APIListModelsRequest.newBuilder()
                                    .limit(size)
                                    .offset(Paging.offset(from))
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "digest",
                        "name",
                        "manifest.classes",
                        "channels",
                        "createdAt");
    }

    @Command(name = "get", description = "One model, with its manifest.")
    void get(@Parameters(paramLabel = "DIGEST") String digest) throws ApiException {
        cema().show(api().getModel(
                        APIGetModelRequest.newBuilder().digest(digest).build()));
    }

    @Command(name = "register", description = "Registers an ONNX file.")
    void register(
            @Parameters(paramLabel = "FILE", description = "The model.") File file,
            @Option(names = "--name", required = true, paramLabel = "NAME", description = "A person's name for it.")
                    String name,
            @Option(names = "--mean", required = true, paramLabel = "R,G,B", description = "Means, on the 0..1 scale.")
                    String mean,
            @Option(names = "--std", required = true, paramLabel = "R,G,B", description = "Deviations, likewise.")
                    String std,
            @Option(names = "--labels", paramLabel = "A,B,...", description = "Class labels in order.") String labels,
            @Option(
                            names = "--calibration",
                            paramLabel = "FILE",
                            description = "Source images, to restore normalisation that was folded away.")
                    File calibration)
            throws ApiException {
        cema().show(register(cema().client(), file, name, mean, std, labels, calibration));
    }

    /** @param calibration or null, as labels */
    static ModelView register(
            ApiClient client, File file, String name, String mean, String std, String labels, File calibration)
            throws ApiException {
        if (calibration == null) {
            return ModelFile.register(client, readable(file).toPath(), name, mean, std, labels);
        }
        return new ModelsApi(client)
                .registerModel(APIRegisterModelRequest.newBuilder()
                        .model(readable(file))
                        .calibration(readable(calibration))
                        .name2(name)
                        .mean2(mean)
                        .std2(std)
                        .labels2(labels)
                        .build());
    }

    @Command(name = "download", description = "Writes a model's file.")
    void download(
            @Parameters(paramLabel = "DIGEST") String digest,
            @Parameters(paramLabel = "FILE", description = "Where to.") Path target)
            throws ApiException, IOException {
        File content = new ArtefactsApi(cema().client())
                .getArtefact(APIGetArtefactRequest.newBuilder().sha256(digest).build());
        Files.move(content.toPath(), target, StandardCopyOption.REPLACE_EXISTING);
        cema().done(target + " has " + Files.size(target) + " bytes");
    }

    private ModelsApi api() {
        return new ModelsApi(cema().client());
    }

    private static File readable(File file) {
        if (!file.canRead() || file.isDirectory()) {
            throw new IllegalArgumentException("the file " + file + " cannot be read");
        }
        return file;
    }
}
