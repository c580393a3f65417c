package io.cema.cloud;

import static io.restassured.RestAssured.given;

import io.cema.protocol.onnx.OnnxBuilder;
import java.util.List;
import java.util.Map;

/** Small classifiers, and their way into the service. */
public final class TestModels {
    private TestModels() {}

    /** 32x32 input, one convolution with batch normalisation. */
    public static byte[] small(String name, long seed, int classes) {
        return network(name, seed, classes, true);
    }

    /** The same without any normalisation layer. */
    public static byte[] withoutNormalisation(String name, long seed, int classes) {
        return network(name, seed, classes, false);
    }

    private static byte[] network(String name, long seed, int classes, boolean normalised) {
        OnnxBuilder builder = new OnnxBuilder(name, 17, seed);
        String x = builder.conv("conv", builder.input("input", 32, 32), 3, 8, 3, 2, 1, !normalised);
        String features = builder.relu(normalised ? builder.batchNorm("bn", x, 8) : x);
        String logits = builder.linear("classifier", builder.flatten(builder.globalAveragePool(features)), 8, classes);
        return builder.output("logits", logits, classes).toBytes();
    }

    /** Registers and returns the digest. */
    public static String register(byte[] onnx, String name) {
        return given().contentType("application/octet-stream")
                .queryParam("name", name)
                .queryParam("mean", "0.5,0.5,0.5")
                .queryParam("std", "0.25,0.25,0.25")
                .body(onnx)
                .post("/api/v1/models")
                .then()
                .statusCode(org.hamcrest.Matchers.in(List.of(200, 201)))
                .extract()
                .path("digest");
    }

    /** Registers two models, a pair and a cohort of that name; returns the edge model's digest. */
    public static String cohort(String id, long seed, String... devices) {
        String edge = register(small("edge-" + id, seed, 10), "edge-" + id);
        String foundation = register(small("foundation-" + id, seed + 1, 10), "foundation-" + id);
        given().contentType("application/json")
                .body(Map.of("id", id, "edge", edge, "foundation", foundation))
                .post("/api/v1/pairs")
                .then()
                .statusCode(201);
        given().contentType("application/json")
                .body(Map.of("id", id, "pair", id, "devices", List.of(devices)))
                .post("/api/v1/cohorts")
                .then()
                .statusCode(201);
        return edge;
    }
}
