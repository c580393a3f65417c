package io.cema.demo;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;

/** An agent's counters since its start, as {@code GET /v2/cema/status} gives them. */
@JsonIgnoreProperties(ignoreUnknown = true)
record AgentStatus(
        @JsonProperty("frames") long frames,
        @JsonProperty("uploaded_images") long uploadedImages,
        @JsonProperty("uploaded_bytes") long uploadedBytes,
        @JsonProperty("acknowledged") long acknowledged,
        @JsonProperty("spool") Spool spool,
        @JsonProperty("downloaded_bytes") long downloadedBytes,
        @JsonProperty("updates_applied") long updatesApplied,
        @JsonProperty("updates_refused") long updatesRefused) {
    static final AgentStatus NOTHING = new AgentStatus(0, 0, 0, 0, new Spool(0), 0, 0, 0);

    /** What waits on the agent's disk to be sent or acknowledged. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Spool(@JsonProperty("images") int images) {}
}
