package io.cema.edge.serving;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
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
 * @param model how far the model is that the first slot is wished to run
 * @param slots the same of each slot, in the order of the desired state
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
        List<Slot> slots) {
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
            Model model) {}

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
    public record Model(String state, String digest, long received, long size, String reason) {}

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
