package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.RolloutsApi;
import io.cema.client.api.RolloutsApi.APICancelRolloutRequest;
import io.cema.client.api.RolloutsApi.APICreateRolloutRequest;
import io.cema.client.api.RolloutsApi.APIGetRolloutRequest;
import io.cema.client.api.RolloutsApi.APIListRolloutDevicesRequest;
import io.cema.client.api.RolloutsApi.APIListRolloutsRequest;
import io.cema.client.api.RolloutsApi.APIPauseRolloutRequest;
import io.cema.client.api.RolloutsApi.APIResumeRolloutRequest;
import io.cema.client.api.RolloutsApi.APIStartRolloutRequest;
import io.cema.client.model.NewRollout;
import io.cema.client.model.PageRollout;
import io.cema.client.model.PageRolloutDevice;
import io.cema.client.model.Rollout;
import io.cema.client.model.RolloutState;
import io.cema.client.model.Wave;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rollouts}. */
@Command(name = "rollouts", description = "Other models for a cohort, wave by wave, judged by their quality.")
final class RolloutsCommand extends Group {
    /** What the waves are: so many percent each, or all that can be said of them. */
    static final class Waves {
        @Option(
                names = "--percent",
                split = ",",
                required = true,
                paramLabel = "N",
                description = "Of the cohort's devices after each wave, such as 5,25,100.")
        private List<Double> percents;

        @Option(names = "--waves", required = true, paramLabel = "FILE", description = "The waves, as a JSON array.")
        private Path file;

        private List<Wave> read() {
            if (file != null) {
                return JsonFile.list(file, Wave.class);
            }
            List<Wave> waves = new ArrayList<>();
            for (double percent : percents) {
                waves.add(new Wave().name("wave-" + (waves.size() + 1)).percent(percent));
            }
            return waves;
        }
    }

    /** Which rollout. */
    static final class Which {
        @Parameters(paramLabel = "ID")
        private String id;

        @Option(
                names = "--cohort",
                required = true,
                paramLabel = "ID",
                description = "The newest rollout of that cohort instead.")
        private String cohort;
    }

    @Command(name = "list", description = "Lists the rollouts, newest first.")
    void list(
            @Option(names = "--cohort", paramLabel = "ID", description = "Those of one cohort.") String cohort,
            @Option(names = "--state", paramLabel = "STATE", description = "${COMPLETION-CANDIDATES}.")
                    RolloutState state,
            @Mixin Paging paging)
            throws ApiException {
        cema().show(
                        paging.collect((from, size) -> {
                            PageRollout page = api().listRollouts(APIListRolloutsRequest.newBuilder()
                                    .cohort(cohort)
                                    .state(state)
                                    .limit(size)
                                    .offset(Paging.offset(from))
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "id",
                        "cohort",
                        "pair",
                        "state",
                        "wave",
                        "reason");
    }

    @Command(name = "get", description = "One rollout, with its waves and how far each is.")
    void get(@ArgGroup(multiplicity = "1") Which which) throws ApiException {
        cema().show(api().getRollout(
                        APIGetRolloutRequest.newBuilder().id(id(which)).build()));
    }

    @Command(name = "devices", description = "The devices of a rollout, and how far each is.")
    void devices(@ArgGroup(multiplicity = "1") Which which, @Mixin Paging paging) throws ApiException {
        String id = id(which);
        cema().show(
                        paging.collect((from, size) -> {
                            PageRolloutDevice page = api().listRolloutDevices(APIListRolloutDevicesRequest.newBuilder()
                                    .id(id)
                                    .limit(size)
                                    .offset(Paging.offset(from))
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "device",
                        "wave",
                        "active",
                        "state",
                        "reportsModel",
                        "reason");
    }

    @Command(name = "create", description = "Creates a rollout; nothing is moved before it is started.")
    void create(
            @Parameters(paramLabel = "COHORT") String cohort,
            @Option(names = "--pair", required = true, paramLabel = "ID", description = "The models it is to have.")
                    String pair,
            @ArgGroup(multiplicity = "1") Waves waves,
            @Option(names = "--start", description = "Starts it as well.") boolean start)
            throws ApiException {
        Rollout created = api().createRollout(APICreateRolloutRequest.newBuilder()
                .newRollout(new NewRollout().cohort(cohort).pair(pair).waves(waves.read()))
                .build());
        cema().show(start ? start(created) : created);
    }

    @Command(name = "start", description = "Gives the first wave its model.")
    void start(@ArgGroup(multiplicity = "1") Which which) throws ApiException {
        cema().show(api().startRollout(
                        APIStartRolloutRequest.newBuilder().id(id(which)).build()));
    }

    private Rollout start(Rollout created) throws ApiException {
        return api().startRollout(
                        APIStartRolloutRequest.newBuilder().id(created.getId()).build());
    }

    @Command(name = "pause", description = "Begins no further wave; the devices stay where they are.")
    void pause(@ArgGroup(multiplicity = "1") Which which) throws ApiException {
        cema().show(api().pauseRollout(
                        APIPauseRolloutRequest.newBuilder().id(id(which)).build()));
    }

    @Command(name = "resume", description = "Lets a paused rollout go on.")
    void resume(@ArgGroup(multiplicity = "1") Which which) throws ApiException {
        cema().show(api().resumeRollout(
                        APIResumeRolloutRequest.newBuilder().id(id(which)).build()));
    }

    @Command(name = "cancel", description = "Ends it; every device goes back to the former models.")
    void cancel(@ArgGroup(multiplicity = "1") Which which) throws ApiException {
        cema().show(api().cancelRollout(
                        APICancelRolloutRequest.newBuilder().id(id(which)).build()));
    }

    private String id(Which which) throws ApiException {
        if (which.id != null) {
            return which.id;
        }
        return api()
                .listRollouts(APIListRolloutsRequest.newBuilder()
                        .cohort(which.cohort)
                        .limit(1)
                        .build())
                .getItems()
                .stream()
                .map(Rollout::getId)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("cohort " + which.cohort + " has no rollout"));
    }

    private RolloutsApi api() {
        return new RolloutsApi(cema().client());
    }
}
