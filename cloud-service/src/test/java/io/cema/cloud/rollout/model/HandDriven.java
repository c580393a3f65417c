package io.cema.cloud.rollout.model;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/** The engine looks when the test says so. */
public final class HandDriven implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of("cema.model-rollout.enabled", "false");
    }
}
