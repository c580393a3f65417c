package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.CompressionsApi;
import io.cema.client.api.CompressionsApi.APICancelCompressionRequest;
import io.cema.client.api.CompressionsApi.APIGetCompressionRequest;
import io.cema.client.api.CompressionsApi.APIListCompressionsRequest;
import io.cema.client.api.CompressionsApi.APIRestartCompressionRequest;
import io.cema.client.model.PageCompressionJob;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code compressions}. */
@Command(name = "compressions", description = "From dense models to 2:4 sparse, INT8 ones.")
final class CompressionsCommand extends Group {
    @Command(name = "list", description = "Lists the compressions, newest first.")
    void list(@Mixin Paging paging) throws ApiException {
        CompressionsApi api = api();
        cema().show(
                        paging.collect((from, size) -> {
                            PageCompressionJob page = api.listCompressions(APIListCompressionsRequest.newBuilder()
                                    .limit(size)
                                    .offset(Paging.offset(from))
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "id",
                        "name",
                        "status",
                        "stage",
                        "progress",
                        "createdAt");
    }

    @Command(name = "get", description = "One compression: progress, and at its end report and result.")
    void get(@Parameters(paramLabel = "ID") String id) throws ApiException {
        cema().show(api().getCompression(
                        APIGetCompressionRequest.newBuilder().id(id).build()));
    }

    @Command(name = "cancel", description = "Cancels a compression that has not ended.")
    void cancel(@Parameters(paramLabel = "ID") String id) throws ApiException {
        cema().show(api().cancelCompression(
                        APICancelCompressionRequest.newBuilder().id(id).build()));
    }

    @Command(name = "restart", description = "Starts a compression again, from its beginning.")
    void restart(@Parameters(paramLabel = "ID") String id) throws ApiException {
        cema().show(api().restartCompression(
                        APIRestartCompressionRequest.newBuilder().id(id).build()));
    }

    private CompressionsApi api() {
        return new CompressionsApi(cema().client());
    }
}
