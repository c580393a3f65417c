package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.SamplesApi;
import io.cema.client.api.SamplesApi.APIEraseSamplesRequest;
import io.cema.client.api.SamplesApi.APIGetSampleImageRequest;
import io.cema.client.api.SamplesApi.APIGetSampleRequest;
import io.cema.client.api.SamplesApi.APIListSamplesRequest;
import io.cema.client.model.PageSampleView;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code samples}. */
@Command(name = "samples", description = "Images the devices uploaded.")
final class SamplesCommand extends Group {
    @Command(name = "list", description = "Lists samples, newest first.")
    void list(
            @Option(names = "--cohort", paramLabel = "ID", description = "Of one cohort.") String cohort,
            @Option(names = "--device", paramLabel = "ID", description = "Of one device.") String device,
            @Mixin Paging paging)
            throws ApiException {
        SamplesApi api = api();
        cema().show(
                        paging.collect((from, size) -> {
                            PageSampleView page = api.listSamples(APIListSamplesRequest.newBuilder()
                                    .cohort(cohort)
                                    .device(device)
                                    .before(from)
                                    .limit(size)
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "device",
                        "sampleId",
                        "cohort",
                        "predictedClass",
                        "entropy",
                        "reason",
                        "receivedAt");
    }

    @Command(name = "get", description = "One sample without its pixels.")
    void get(@Parameters(paramLabel = "DEVICE") String device, @Parameters(paramLabel = "SAMPLE") String id)
            throws ApiException {
        cema().show(api().getSample(
                        APIGetSampleRequest.newBuilder().device(device).id(id).build()));
    }

    @Command(name = "image", description = "Writes a sample's image as PNG. That is entered into the audit log.")
    void image(
            @Parameters(paramLabel = "DEVICE") String device,
            @Parameters(paramLabel = "SAMPLE") String id,
            @Parameters(paramLabel = "FILE", description = "Where to.") Path target)
            throws ApiException, IOException {
        File image = api().getSampleImage(APIGetSampleImageRequest.newBuilder()
                .device(device)
                .id(id)
                .build());
        Files.move(image.toPath(), target, StandardCopyOption.REPLACE_EXISTING);
        cema().done(target + " has " + Files.size(target) + " bytes");
    }

    @Command(
            name = "erase",
            description = "Erases the samples of a device or a cohort, dead letters and unfinished ones included.")
    void erase(
            @Option(names = "--cohort", paramLabel = "ID", description = "Of one cohort.") String cohort,
            @Option(names = "--device", paramLabel = "ID", description = "Of one device.") String device,
            @Option(names = "--from", paramLabel = "TIME", description = "Such as 2026-01-31T12:00:00Z.") String from,
            @Option(names = "--until", paramLabel = "TIME", description = "Before this.") String until)
            throws ApiException {
        cema().show(api().eraseSamples(APIEraseSamplesRequest.newBuilder()
                .cohort(cohort)
                .device(device)
                .from(from)
                .until(until)
                .build()));
    }

    private SamplesApi api() {
        return new SamplesApi(cema().client());
    }
}
