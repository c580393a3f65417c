package io.cema.trt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an engine is made of, read from TensorRT's engine inspector: for each layer the precision it runs in and the tactic
 * chosen for it. Whether a layer runs on sparse tensor cores stands in the tactic's name; that its weights would allow it
 * proves nothing.
 *
 * @param layers in the order of the plan
 */
public record LayerReport(List<Layer> layers) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * One layer after fusion.
     *
     * @param name of the fused nodes
     * @param type TensorRT's word, e.g. {@code CaskConvolution}
     * @param inputType type of what the layer computes on, e.g. {@code Int8}
     * @param outputType type of what it gives
     * @param tactic name of the kernel; empty where the engine does not say
     */
    public record Layer(String name, String type, String inputType, String outputType, String tactic) {
        /** Whether the layer computes on INT8. */
        public boolean runsInt8() {
            return inputType.equals("Int8");
        }

        /** Whether its kernel is one for 2:4 sparse weights. */
        public boolean runsSparse() {
            String lower = tactic.toLowerCase(Locale.ROOT);
            return lower.contains("sparse") || lower.contains("sptensor") || lower.contains("spmma");
        }
    }

    public LayerReport {
        layers = List.copyOf(layers);
    }

    /**
     * Reads the inspector's JSON.
     *
     * @throws IllegalArgumentException if it is not of that form
     */
    public static LayerReport parse(String json) {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "the engine's layer information is no JSON: " + e.getOriginalMessage(), e);
        }
        JsonNode layers = root.path("Layers");
        if (!layers.isArray()) {
            throw new IllegalArgumentException("the engine's layer information has no list \"Layers\"");
        }
        List<Layer> read = new ArrayList<>();
        for (JsonNode layer : layers) {
            // Plans built without detailed verbosity give names alone.
            read.add(
                    layer.isTextual()
                            ? new Layer(layer.asText(), "", "", "", "")
                            : new Layer(
                                    layer.path("Name").asText(),
                                    layer.path("LayerType").asText(),
                                    type(layer.path("Inputs")),
                                    type(layer.path("Outputs")),
                                    layer.path("TacticName").asText()));
        }
        return new LayerReport(read);
    }

    /** How many layers run in each type, by name of the type. */
    public Map<String, Integer> byInputType() {
        Map<String, Integer> count = new TreeMap<>();
        for (Layer layer : layers) {
            count.merge(layer.inputType().isEmpty() ? "unknown" : layer.inputType(), 1, Integer::sum);
        }
        return count;
    }

    public long int8Layers() {
        return layers.stream().filter(Layer::runsInt8).count();
    }

    public long sparseLayers() {
        return layers.stream().filter(Layer::runsSparse).count();
    }

    /** {@code "Format/Datatype": "Int8 NC/32HW32"} or {@code "Row major linear FP32"} of the first tensor. */
    private static String type(JsonNode tensors) {
        String said = tensors.path(0).path("Format/Datatype").asText();
        if (said.isEmpty()) {
            said = tensors.path(0).path("Datatype").asText();
        }
        String lower = said.toLowerCase(Locale.ROOT);
        for (Map.Entry<String, String> word : WORDS) {
            if (lower.contains(word.getKey())) {
                return word.getValue();
            }
        }
        return said;
    }

    /** TensorRT's words over the versions; the longer one first where one is part of another. */
    private static final List<Map.Entry<String, String>> WORDS = List.of(
            Map.entry("bfloat16", "BFloat16"),
            Map.entry("bf16", "BFloat16"),
            Map.entry("int8", "Int8"),
            Map.entry("int32", "Int32"),
            Map.entry("int64", "Int64"),
            Map.entry("fp8", "FP8"),
            Map.entry("half", "Half"),
            Map.entry("fp16", "Half"),
            Map.entry("float", "Float"),
            Map.entry("fp32", "Float"),
            Map.entry("bool", "Bool"));
}
