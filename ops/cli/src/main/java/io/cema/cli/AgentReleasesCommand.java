package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.AgentReleasesApi;
import io.cema.client.api.AgentReleasesApi.APIAddAgentPackageRequest;
import io.cema.client.api.AgentReleasesApi.APIDeleteAgentReleaseRequest;
import io.cema.client.api.AgentReleasesApi.APIGetAgentReleaseRequest;
import io.cema.client.api.AgentReleasesApi.APIListAgentReleasesRequest;
import io.cema.client.api.AgentReleasesApi.APIWantAgentReleaseForCohortRequest;
import io.cema.client.api.AgentReleasesApi.APIWantAgentReleaseForDeviceRequest;
import io.cema.client.api.AgentReleasesApi.APIWithdrawAgentReleaseFromCohortRequest;
import io.cema.client.api.AgentReleasesApi.APIWithdrawAgentReleaseFromDeviceRequest;
import io.cema.client.model.PageAgentRelease;
import java.nio.file.Path;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code agent-releases}. */
@Command(name = "agent-releases", description = "The software of the agents, and who is to run which.")
final class AgentReleasesCommand extends Group {
    /** Whose software it is. */
    static final class Target {
        @Option(names = "--cohort", required = true, paramLabel = "ID", description = "All devices of a cohort.")
        private String cohort;

        @Option(names = "--device", required = true, paramLabel = "ID", description = "One device.")
        private String device;
    }

    @Command(name = "list", description = "Lists the releases, newest first.")
    void list(@Mixin Paging paging) throws ApiException {
        cema().show(
                        paging.collect((from, size) -> {
                            PageAgentRelease page = api().listAgentReleases(APIListAgentReleasesRequest.newBuilder()
                                    .limit(size)
                                    .offset(Paging.offset(from))
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "version",
                        "cohorts",
                        "devices",
                        "notes");
    }

    @Command(name = "get", description = "One release, with its packages.")
    void get(@Parameters(paramLabel = "VERSION") String version) throws ApiException {
        cema().show(api().getAgentRelease(
                        APIGetAgentReleaseRequest.newBuilder().version(version).build()));
    }

    @Command(name = "add", description = "Adds a package made by `ops/cema package edge --as VERSION --sign KEY`.")
    void add(
            @Parameters(paramLabel = "VERSION") String version,
            @Parameters(paramLabel = "FILE") Path file,
            @Option(names = "--platform", required = true, paramLabel = "NAME", description = "Such as linux-x86_64.")
                    String platform,
            @Option(
                            names = "--signature",
                            required = true,
                            paramLabel = "BASE64",
                            description = "Of the release key, as packaging has written it.")
                    String signature,
            @Option(names = "--notes", paramLabel = "TEXT", description = "What is new.") String notes)
            throws ApiException {
        cema().show(api().addAgentPackage(APIAddAgentPackageRequest.newBuilder()
                .version(version)
                .platform(platform)
                .signature(signature)
                .notes(notes)
                .body(file.toFile())
                .build()));
    }

    @Command(name = "delete", description = "Deletes a release that nobody is to run.")
    void delete(@Parameters(paramLabel = "VERSION") String version) throws ApiException {
        api().deleteAgentRelease(APIDeleteAgentReleaseRequest.newBuilder()
                .version(version)
                .build());
        cema().done("release " + version + " is gone");
    }

    @Command(name = "want", description = "Has a cohort's devices, or one, run a release.")
    void want(@Parameters(paramLabel = "VERSION") String version, @ArgGroup(multiplicity = "1") Target target)
            throws ApiException {
        if (target.cohort != null) {
            api().wantAgentReleaseForCohort(APIWantAgentReleaseForCohortRequest.newBuilder()
                    .version(version)
                    .cohort(target.cohort)
                    .build());
            cema().done("cohort " + target.cohort + " is to run " + version);
        } else {
            api().wantAgentReleaseForDevice(APIWantAgentReleaseForDeviceRequest.newBuilder()
                    .version(version)
                    .device(target.device)
                    .build());
            cema().done("device " + target.device + " is to run " + version);
        }
    }

    @Command(name = "withdraw", description = "Wishes nothing any more: what runs stays.")
    void withdraw(@ArgGroup(multiplicity = "1") Target target) throws ApiException {
        if (target.cohort != null) {
            api().withdrawAgentReleaseFromCohort(APIWithdrawAgentReleaseFromCohortRequest.newBuilder()
                    .cohort(target.cohort)
                    .build());
            cema().done("cohort " + target.cohort + " may run what it runs");
        } else {
            api().withdrawAgentReleaseFromDevice(APIWithdrawAgentReleaseFromDeviceRequest.newBuilder()
                    .device(target.device)
                    .build());
            cema().done("device " + target.device + " may run what it runs");
        }
    }

    private AgentReleasesApi api() {
        return new AgentReleasesApi(cema().client());
    }
}
