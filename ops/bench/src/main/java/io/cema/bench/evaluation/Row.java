package io.cema.bench.evaluation;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What one method did on one domain.
 *
 * @param visit 1, or 2 for a domain that came back
 * @param accuracy over the stream as it was seen, 0 to 1
 * @param firstAccuracy over the first tenth of the domain's images
 * @param lastAccuracy over the last tenth
 * @param uploadedBytes MQTT payload bytes
 * @param updateBytes MQTT payload bytes sent to the edge
 * @param cloudForwardMsPerImage forward passes' part of cloudMsPerImage; per image seen, as all of them
 * @param cloudBackwardMsPerImage backward passes' part of it
 */
record Row(
        String protocol,
        String corruption,
        int severity,
        int visit,
        String method,
        long images,
        double accuracy,
        @JsonProperty("first_accuracy") double firstAccuracy,
        @JsonProperty("last_accuracy") double lastAccuracy,
        @JsonProperty("uploaded_images") long uploadedImages,
        @JsonProperty("uploaded_bytes") long uploadedBytes,
        @JsonProperty("update_bytes") long updateBytes,
        @JsonProperty("updates_published") long updatesPublished,
        @JsonProperty("updates_refused") long updatesRefused,
        @JsonProperty("edge_ms_per_image") double edgeMsPerImage,
        @JsonProperty("cloud_ms_per_image") double cloudMsPerImage,
        @JsonProperty("cloud_forward_ms_per_image") double cloudForwardMsPerImage,
        @JsonProperty("cloud_backward_ms_per_image") double cloudBackwardMsPerImage) {}
