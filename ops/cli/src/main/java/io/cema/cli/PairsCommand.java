package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.PairsApi;
import io.cema.client.api.PairsApi.APICreatePairRequest;
import io.cema.client.api.PairsApi.APIGetPairRequest;
import io.cema.client.api.PairsApi.APIListPairsRequest;
import io.cema.client.model.ModelPair;
import io.cema.client.model.PageModelPair;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pairs}. */
@Command(name = "pairs", description = "Edge models, each with the foundation model that teaches it.")
final class PairsCommand extends Group {
    @Command(name = "list", description = "Lists the pairs by id.")
    void list(@Mixin Paging paging) throws ApiException {
        PairsApi api = api();
        cema().show(
                        paging.collect((from, size) -> {
                            PageModelPair page = api.listPairs(APIListPairsRequest.newBuilder()
                                    .limit(size)
                                    .offset(Paging.offset(from))
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "id",
                        "edge",
                        "foundation");
    }

    @Command(name = "get", description = "One pair.")
    void get(@Parameters(paramLabel = "ID") String id) throws ApiException {
        cema().show(api().getPair(APIGetPairRequest.newBuilder().id(id).build()));
    }

    @Command(name = "create", description = "Joins two registered models.")
    void create(
            @Parameters(paramLabel = "ID") String id,
            @Option(names = "--edge", required = true, paramLabel = "DIGEST", description = "What devices run.")
                    String edge,
            @Option(names = "--foundation", required = true, paramLabel = "DIGEST", description = "What teaches it.")
                    String foundation)
            throws ApiException {
        cema().show(api().createPair(APICreatePairRequest.newBuilder()
                .modelPair(new ModelPair().id(id).edge(edge).foundation(foundation))
                .build()));
    }

    private PairsApi api() {
        return new PairsApi(cema().client());
    }
}
