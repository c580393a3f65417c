package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.ClaimsApi;
import io.cema.client.api.ClaimsApi.APICreateClaimRequest;
import io.cema.client.api.ClaimsApi.APIListClaimsRequest;
import io.cema.client.api.ClaimsApi.APIWithdrawClaimRequest;
import io.cema.client.model.NewClaim;
import io.cema.client.model.PageClaim;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code claims}. */
@Command(name = "claims", description = "What admits a new device, once.")
final class ClaimsCommand extends Group {
    @Command(name = "list", description = "Lists the claims, newest first, without their tokens.")
    void list(@Mixin Paging paging) throws ApiException {
        ClaimsApi api = api();
        cema().show(
                        paging.collect((from, size) -> {
                            PageClaim page = api.listClaims(APIListClaimsRequest.newBuilder()
                                    .limit(size)
                                    .offset(Paging.offset(from))
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "id",
                        "device",
                        "cohort",
                        "expiry",
                        "usedAt");
    }

    @Command(name = "create", description = "Creates a claim. Its token is shown once and kept nowhere.")
    void create(
            @Parameters(paramLabel = "DEVICE", description = "Whom it admits.") String device,
            @Option(names = "--cohort", paramLabel = "ID", description = "Where the device is put.") String cohort,
            @Option(names = "--expiry", paramLabel = "TIME", description = "Such as 2026-12-31T12:00:00Z.")
                    Instant expiry,
            @Option(names = "--quiet", description = "Shows the token alone.") boolean quiet)
            throws ApiException {
        var claim = api().createClaim(APICreateClaimRequest.newBuilder()
                .newClaim(new NewClaim().device(device).cohort(cohort).expiry(expiry))
                .build());
        if (quiet) {
            cema().out().println(claim.getToken());
        } else {
            cema().show(claim);
        }
    }

    @Command(name = "withdraw", description = "Withdraws a claim that was not used.")
    void withdraw(@Parameters(paramLabel = "ID") String id) throws ApiException {
        api().withdrawClaim(APIWithdrawClaimRequest.newBuilder().id(id).build());
        cema().done("claim " + id + " admits nobody any more");
    }

    private ClaimsApi api() {
        return new ClaimsApi(cema().client());
    }
}
