package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.PairsApi;
import io.cema.client.api.PairsApi.APICreatePairRequest;
import io.cema.client.api.PairsApi.APIGetPairRequest;
import io.cema.client.api.PairsApi.APIListPairsRequest;
import io.cema.client.model.ModelPair;
import io.cema.client.model.PageModelPair;
import java.io.File;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pairs}. */
@Command(name = "pairs", description = "Edge models, each with the foundation model that teaches it.")
final class PairsCommand extends Group {
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

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

    @Command(name = "create", description = "Joins two models: registered ones, or files that are registered first.")
    void create(
            @Parameters(paramLabel = "ID") String id,
            @Option(names = "--edge", required = true, paramLabel = "DIGEST|FILE", description = "What devices run.")
                    String edge,
            @Option(
                            names = "--foundation",
                            required = true,
                            paramLabel = "DIGEST|FILE",
                            description = "What teaches it.")
                    String foundation,
            @Option(names = "--mean", paramLabel = "R,G,B", description = "Of files: means, on the 0..1 scale.")
                    String mean,
            @Option(names = "--std", paramLabel = "R,G,B", description = "Of files: deviations, likewise.") String std)
            throws ApiException {
        cema().show(api().createPair(APICreatePairRequest.newBuilder()
                .modelPair(
                        new ModelPair().id(id).edge(digest(edge, mean, std)).foundation(digest(foundation, mean, std)))
                .build()));
    }

    private String digest(String model, String mean, String std) throws ApiException {
        if (DIGEST.matcher(model).matches()) {
            return model;
        }
        File file = new File(model);
        return ModelsCommand.register(cema().client(), file, file.getName(), mean, std, null, null)
                .getDigest();
    }

    private PairsApi api() {
        return new PairsApi(cema().client());
    }
}
