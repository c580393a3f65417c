package io.cema.edge.serving;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.cema.edge.device.AgentMetrics;
import io.cema.edge.device.ModelProgress;
import io.cema.edge.storage.DiskWatch;
import io.cema.edge.update.ActiveModel;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.edge.update.ActiveModels;
import io.cema.edge.update.ModelOrigin;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The agent at a glance.
 *
 * @param frames predicted since the agent's start
 * @param stream where the frame source stands: WAITING, RUNNING, ENDED, FAILED or NONE
 * @param streamProblem why no frames come at present, empty if they do
 * @param nextFrame number of the next frame, across restarts
 * @param uploadedImages samples the broker has taken since the start
 * @param uploadedBytes MQTT payload bytes of samples since the start
 * @param acknowledged samples the cloud has called durable since the start
 * @param deadLettered samples the cloud has refused since the start
 * @param spool samples waiting on disk
 * @param uplink what holds it up, and what it gave up
 * @param downloadedBytes MQTT payload bytes of updates since the start
 * @param update version in use of the first slot, empty for the base model
 * @param modelDigest SHA-256 of the model in use in the first slot, empty if there is none
 * @param skipped frames not uploaded, by reason
 * @param entropyMax present threshold of reliability in nats, of the first slot
 * @param inferences images through the engine since the start: frames, requests, and trials of updates
 * @param problem what is wrong with the disk, the wished models or their terms; empty if nothing is
 * @param model how far the model is that the first slot is wished to run
 * @param slots the same of each slot, in the order of the desired state
 * @param disk of the data folder
 */
public record AgentStatus(
        String device,
        long frames,
        @JsonProperty("failed_frames") long failedFrames,
        String stream,
        @JsonProperty("stream_problem") String streamProblem,
        @JsonProperty("next_frame") long nextFrame,
        @JsonProperty("uploaded_images") long uploadedImages,
        @JsonProperty("uploaded_bytes") long uploadedBytes,
        long acknowledged,
        @JsonProperty("dead_lettered") long deadLettered,
        Spool spool,
        Uplink uplink,
        @JsonProperty("downloaded_bytes") long downloadedBytes,
        @JsonProperty("updates_applied") long updatesApplied,
        @JsonProperty("updates_refused") long updatesRefused,
        String update,
        long epoch,
        long revision,
        @JsonProperty("model_digest") String modelDigest,
        String engine,
        boolean connected,
        String problem,
        Map<String, Long> skipped,
        @JsonProperty("entropy_max") double entropyMax,
        long inferences,
        Power power,
        Model model,
        List<Slot> slots,
        Disk disk) {
    /**
     * Of an agent that serves what is on its disk and could not start the rest.
     *
     * @param slots that it serves, in the order of the desired state
     */
    public static AgentStatus ofStandby(String device, List<Slot> slots, String problem, Disk disk) {
        Slot first = slots.isEmpty() ? Slot.none("") : slots.get(0);
        return new AgentStatus(
                device,
                0,
                0,
                "NONE",
                "",
                0,
                0,
                0,
                0,
                0,
                new Spool(0, 0, 0, 0),
                new Uplink("OFFLINE", 0, 0, Map.of()),
                0,
                0,
                0,
                first.update(),
                first.epoch(),
                first.revision(),
                first.modelDigest(),
                first.engine(),
                false,
                problem,
                Map.of(),
                0,
                0,
                new Power("none", "", "NONE", OptionalDouble.empty(), OptionalDouble.empty(), Map.of()),
                first.model(),
                slots,
                disk);
    }

    /**
     * One slot.
     *
     * @param slot its cohort
     * @param modelDigest SHA-256 of the model in use, empty if there is none
     * @param name of that model
     * @param update version in use, empty for the base model
     * @param frames predicted by the model since the agent's start
     * @param updatesApplied of the model, since the start
     * @param updatesRefused of the model, since the start
     * @param model how far the wished model is
     */
    public record Slot(
            String slot,
            @JsonProperty("model_digest") String modelDigest,
            String name,
            String update,
            long epoch,
            long revision,
            String engine,
            @JsonProperty("entropy_max") double entropyMax,
            long frames,
            @JsonProperty("updates_applied") long updatesApplied,
            @JsonProperty("updates_refused") long updatesRefused,
            Model model) {
        /** What a slot has in use, and nothing of how it came to that. */
        public static Slot of(ActiveModels.Place place) {
            Optional<ActiveModelHolder.Lease> leased = place.holder().lease();
            if (leased.isEmpty()) {
                return none(place.slot());
            }
            try (ActiveModelHolder.Lease lease = leased.get()) {
                ActiveModel model = lease.model();
                ModelOrigin origin = model.origin();
                return new Slot(
                        place.slot(),
                        model.manifest().digest(),
                        model.manifest().name(),
                        origin.update(),
                        origin.revision().epoch(),
                        origin.revision().revision(),
                        model.engine().name(),
                        0,
                        0,
                        0,
                        0,
                        Model.NONE);
            }
        }

        /** One without a model. */
        public static Slot none(String slot) {
            return new Slot(slot, "", "", "", 0, 0, "", 0, 0, 0, 0, Model.NONE);
        }

        /** The same with what was counted of the model. */
        public Slot counted(double reliable, AgentMetrics metrics, Model progress) {
            return new Slot(
                    slot,
                    modelDigest,
                    name,
                    update,
                    epoch,
                    revision,
                    engine,
                    reliable,
                    metrics.frames(),
                    metrics.updatesApplied(),
                    metrics.updatesRefused(),
                    progress);
        }
    }

    /**
     * The disk of the data folder.
     *
     * @param state SOUND, LOW, FULL, READ_ONLY or FAILING
     * @param freeBytes that the agent may use, as of the last look
     * @param failedWrites of the agent since its start
     * @param damagedFiles found since its start
     * @param damaged the newest of these, and what was done about each
     */
    public record Disk(
            String state,
            @JsonProperty("free_bytes") long freeBytes,
            @JsonProperty("failed_writes") long failedWrites,
            @JsonProperty("damaged_files") long damagedFiles,
            List<String> damaged) {
        public static Disk of(DiskWatch disk) {
            DiskWatch.State now = disk.state();
            return new Disk(
                    now.kind().name(),
                    now.freeBytes(),
                    disk.failedWrites(),
                    disk.damages().count(),
                    disk.damages().newest());
        }
    }

    /**
     * What waits on disk.
     *
     * @param dropped samples lost to the spool's bounds since the start
     * @param corrupted damaged files set aside since the start
     */
    public record Spool(int images, long bytes, long dropped, long corrupted) {}

    /**
     * The way up.
     *
     * @param hold why the spool is not being emptied, NONE if it is
     * @param bytesLastHour what counts against the budget, over restarts
     * @param bytesLastDay the same
     * @param dropped spooled samples that were given up since the start, by reason
     */
    public record Uplink(
            String hold,
            @JsonProperty("bytes_last_hour") long bytesLastHour,
            @JsonProperty("bytes_last_day") long bytesLastDay,
            Map<String, Long> dropped) {}

    /**
     * How far a wished model is.
     *
     * @param state NONE, DOWNLOADING, DOWNLOADED, VERIFIED, APPLIED or FAILED
     * @param digest its SHA-256, empty without one
     * @param received bytes of it on disk, growing while it is downloaded
     * @param size bytes of the whole
     * @param reason why it failed, empty otherwise
     */
    public record Model(String state, String digest, long received, long size, String reason) {
        static final Model NONE = new Model("NONE", "", 0, 0, "");

        public static Model of(ModelProgress progress) {
            return new Model(
                    progress.state().name(),
                    progress.digest(),
                    progress.received(),
                    progress.size(),
                    progress.reason());
        }
    }

    /**
     * What the machine draws and how hot it is, at the newest sample.
     *
     * @param sensor which was found, e.g. {@code ina3221 VDD_IN} or {@code none}
     * @param problem why the last read failed, empty if it did not
     * @param energySource where joules come from: COUNTER, POWER (integrated) or NONE
     * @param watts of the whole module or card
     * @param joules since the start
     * @param celsius by zone
     */
    public record Power(
            String sensor,
            String problem,
            @JsonProperty("energy_source") String energySource,
            OptionalDouble watts,
            OptionalDouble joules,
            Map<String, Double> celsius) {
        /** Of the zone that throttles first. */
        public OptionalDouble hottest() {
            return celsius.values().stream().mapToDouble(Double::doubleValue).max();
        }
    }
}
