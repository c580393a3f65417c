package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.CohortUpdatesApi;
import io.cema.client.api.CohortUpdatesApi.APIFreezeCohortRequest;
import io.cema.client.api.CohortUpdatesApi.APIPinCohortRequest;
import io.cema.client.api.CohortUpdatesApi.APIRollBackCohortRequest;
import io.cema.client.api.CohortUpdatesApi.APIUnfreezeCohortRequest;
import io.cema.client.api.CohortUpdatesApi.APIUnpinCohortRequest;
import io.cema.client.api.CohortsApi;
import io.cema.client.api.CohortsApi.APIAddCohortDeviceRequest;
import io.cema.client.api.CohortsApi.APIChangeCohortPolicyRequest;
import io.cema.client.api.CohortsApi.APIChangeCohortSelectorRequest;
import io.cema.client.api.CohortsApi.APICreateCohortRequest;
import io.cema.client.api.CohortsApi.APIGetCohortRequest;
import io.cema.client.api.CohortsApi.APIListCohortsRequest;
import io.cema.client.api.CohortsApi.APIRemoveCohortDeviceRequest;
import io.cema.client.api.CohortsApi.APIRemoveCohortRequest;
import io.cema.client.api.TruthApi;
import io.cema.client.api.TruthApi.APIListAccuraciesRequest;
import io.cema.client.model.CohortSelector;
import io.cema.client.model.NewCohort;
import io.cema.client.model.PageAccuracyView;
import io.cema.client.model.PageCohort;
import io.cema.client.model.WantedVersion;
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
            @Option(
                            names = "--selector",
                            paramLabel = "SELECTOR",
                            description = "Devices that come by their labels, such as site=north,!old.")
                    String selector,
            @Option(
                            names = "--priority",
                            paramLabel = "N",
                            description = "Of the selector, where several match: the smallest wins.")
                    Integer priority,
            @Option(names = "--policy", paramLabel = "FILE", description = "Its policy, as JSON.") Path policy)
            throws ApiException {
        NewCohort wanted = new NewCohort()
                .id(id)
                .pair(pair)
                .devices(devices == null ? List.of() : devices)
                .selector(selector)
                .priority(priority);
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

    @Command(name = "selector", description = "Replaces the selector; devices move at once.")
    void selector(
            @Parameters(paramLabel = "ID") String id,
            @Parameters(paramLabel = "SELECTOR", arity = "0..1", description = "Such as site=north; none: no selector.")
                    String selector,
            @Option(names = "--priority", paramLabel = "N", description = "Where several match: the smallest wins.")
                    Integer priority)
            throws ApiException {
        cema().show(api().changeCohortSelector(APIChangeCohortSelectorRequest.newBuilder()
                .id(id)
                .cohortSelector(new CohortSelector().selector(selector).priority(priority))
                .build()));
    }

    @Command(name = "delete", description = "Ends a cohort, its loops and versions.")
    void delete(
            @Parameters(paramLabel = "ID") String id,
            @Option(names = "--force", description = "Even with devices in it; they keep no model then.") boolean force)
            throws ApiException {
        api().removeCohort(
                        APIRemoveCohortRequest.newBuilder().id(id).force(force).build());
        cema().done("cohort " + id + " is gone");
    }

    @Command(name = "pin", description = "Puts all devices on a version, and keeps them there.")
    void pin(@Parameters(paramLabel = "ID") String id, @Parameters(paramLabel = "VERSION") String version)
            throws ApiException {
        cema().show(updates()
                .pinCohort(APIPinCohortRequest.newBuilder()
                        .id(id)
                        .wantedVersion(new WantedVersion().version(version))
                        .build()));
    }

    @Command(name = "unpin", description = "Lets the devices have updates again.")
    void unpin(@Parameters(paramLabel = "ID") String id) throws ApiException {
        cema().show(updates()
                .unpinCohort(APIUnpinCohortRequest.newBuilder().id(id).build()));
    }

    @Command(name = "freeze", description = "Publishes nothing more; a candidate is taken back.")
    void freeze(@Parameters(paramLabel = "ID") String id) throws ApiException {
        cema().show(updates()
                .freezeCohort(APIFreezeCohortRequest.newBuilder().id(id).build()));
    }

    @Command(name = "unfreeze", description = "Lets the cohort have updates again.")
    void unfreeze(@Parameters(paramLabel = "ID") String id) throws ApiException {
        cema().show(updates()
                .unfreezeCohort(APIUnfreezeCohortRequest.newBuilder().id(id).build()));
    }

    @Command(name = "rollback", description = "Puts all devices on a version published before, or on `base`.")
    void rollback(
            @Parameters(paramLabel = "ID") String id,
            @Parameters(paramLabel = "VERSION", description = "`base`: the registered model.") String version)
            throws ApiException {
        cema().show(updates()
                .rollBackCohort(APIRollBackCohortRequest.newBuilder()
                        .id(id)
                        .wantedVersion(new WantedVersion().version(version))
                        .build()));
    }

    @Command(name = "accuracy", description = "How right each version was, on random uploads that persons labelled.")
    void accuracy(@Parameters(paramLabel = "ID") String id, @Mixin Paging paging) throws ApiException {
        TruthApi api = new TruthApi(cema().client());
        cema().show(
                        paging.collect((from, size) -> {
                            PageAccuracyView page = api.listAccuracies(APIListAccuraciesRequest.newBuilder()
                                    .id(id)
                                    .limit(size)
                                    .offset(Paging.offset(from))
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "version",
                        "uploads",
                        "labelled",
                        "accuracy",
                        "low",
                        "high",
                        "teacherAgreement",
                        "meanEntropy");
    }

    private CohortUpdatesApi updates() {
        return new CohortUpdatesApi(cema().client());
    }

    private CohortsApi api() {
        return new CohortsApi(cema().client());
    }
}
