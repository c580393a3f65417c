package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.CohortsApi;
import io.cema.client.api.CohortsApi.APIAddCohortDeviceRequest;
import io.cema.client.api.CohortsApi.APIChangeCohortPolicyRequest;
import io.cema.client.api.CohortsApi.APICreateCohortRequest;
import io.cema.client.api.CohortsApi.APIGetCohortRequest;
import io.cema.client.api.CohortsApi.APIListCohortsRequest;
import io.cema.client.api.CohortsApi.APIRemoveCohortDeviceRequest;
import io.cema.client.model.NewCohort;
import io.cema.client.model.PageCohort;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cohorts}. */
@Command(name = "cohorts", description = "Devices that share a pair of models and its adaptation.")
final class CohortsCommand extends Group {
    @Command(name = "list", description = "Lists the cohorts by id.")
    void list(@Mixin Paging paging) throws ApiException {
        CohortsApi api = api();
        cema().show(
                        paging.collect((from, size) -> {
                            PageCohort page = api.listCohorts(APIListCohortsRequest.newBuilder()
                                    .limit(size)
                                    .offset(Paging.offset(from))
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "id",
                        "pair",
                        "devices");
    }

    @Command(name = "get", description = "One cohort, with its policy.")
    void get(@Parameters(paramLabel = "ID") String id) throws ApiException {
        cema().show(api().getCohort(APIGetCohortRequest.newBuilder().id(id).build()));
    }

    @Command(name = "create", description = "Creates a cohort; its devices learn of it at once.")
    void create(
            @Parameters(paramLabel = "ID") String id,
            @Option(names = "--pair", required = true, paramLabel = "ID", description = "Its models.") String pair,
            @Option(
                            names = "--devices",
                            split = ",",
                            paramLabel = "ID",
                            description = "Its devices, with commas between; unknown ones are created.")
                    List<String> devices,
            @Option(names = "--policy", paramLabel = "FILE", description = "Its policy, as JSON.") Path policy)
            throws ApiException {
        NewCohort wanted = new NewCohort().id(id).pair(pair).devices(devices == null ? List.of() : devices);
        if (policy != null) {
            wanted.policy(JsonFile.object(policy));
        }
        cema().show(api().createCohort(
                        APICreateCohortRequest.newBuilder().newCohort(wanted).build()));
    }

    @Command(name = "policy", description = "Replaces the policy, and tells every device.")
    void policy(
            @Parameters(paramLabel = "ID") String id,
            @Parameters(paramLabel = "FILE", description = "The policy, as JSON.") Path file)
            throws ApiException {
        cema().show(api().changeCohortPolicy(APIChangeCohortPolicyRequest.newBuilder()
                .id(id)
                .requestBody(JsonFile.object(file))
                .build()));
    }

    @Command(name = "add", description = "Puts a device into the cohort, out of the one it may be in.")
    void add(@Parameters(paramLabel = "ID") String id, @Parameters(paramLabel = "DEVICE") String device)
            throws ApiException {
        cema().show(api().addCohortDevice(APIAddCohortDeviceRequest.newBuilder()
                .id(id)
                .device(device)
                .build()));
    }

    @Command(name = "remove", description = "Takes a device out of the cohort; it keeps no model then.")
    void remove(@Parameters(paramLabel = "ID") String id, @Parameters(paramLabel = "DEVICE") String device)
            throws ApiException {
        cema().show(api().removeCohortDevice(APIRemoveCohortDeviceRequest.newBuilder()
                .id(id)
                .device(device)
                .build()));
    }

    private CohortsApi api() {
        return new CohortsApi(cema().client());
    }
}
