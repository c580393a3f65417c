package io.cema.cloud.compression;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a compression did; written as report.json.
 *
 * @param stages from the dense model to the last one
 * @param layers every layer with weights, in the order of the graph
 * @param images unlabelled images used
 * @param testImages images the stages are judged on
 * @param warnings activations that saturate, and the like
 * @param flippedChannels channels whose integers change sign when the normalisation is folded
 * @param seconds of the whole job
 */
public record CompressionReport(
        List<Stage> stages,
        List<Layer> layers,
        int images,
        @JsonProperty("test_images") int testImages,
        List<String> warnings,
        @JsonProperty("flipped_channels") int flippedChannels,
        double seconds) {
    /**
     * One model on the way.
     *
     * @param stage dense, sparse, int8 or sparse-int8
     * @param accuracy on the labelled test images, 0 to 1; absent without them
     * @param agreement share of images that get the dense model's class
     * @param bytes of the model where 2:4 sparse weights take half their values and 2 bits for each that stays
     * @param fileBytes of the ONNX file, which holds the zeros
     * @param imagesPerSecond of ONNX Runtime on this machine's CPU, one thread, batch 1
     * @param microseconds of one image by operator of ONNX Runtime's graph, as its profiler sees them, see {@link
     *     OnnxRuntimeJudge#microseconds}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Stage(
            String stage,
            Double accuracy,
            double agreement,
            long bytes,
            @JsonProperty("file_bytes") long fileBytes,
            @JsonProperty("images_per_second") double imagesPerSecond,
            Map<String, Long> microseconds) {
        public Stage {
            microseconds = Collections.unmodifiableMap(new LinkedHashMap<>(microseconds));
        }
    }

    /**
     * @param name of the node
     * @param op its operator
     * @param shape of its weights
     * @param density share of weights other than 0
     * @param sparse whether 2:4 holds
     * @param int8 whether it is quantised
     * @param reason why it is not sparse or not quantised; empty if it is what was asked for
     */
    public record Layer(
            String name, String op, List<Long> shape, double density, boolean sparse, boolean int8, String reason) {}

    public CompressionReport {
        stages = List.copyOf(stages);
        layers = List.copyOf(layers);
        warnings = List.copyOf(warnings);
    }
}
