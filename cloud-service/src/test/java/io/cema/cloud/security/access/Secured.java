package io.cema.cloud.security.access;

import io.cema.cloud.StackResource;
import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.List;
import java.util.Map;

/** The service with tokens of its own issuer. */
public final class Secured implements QuarkusTestProfile {
    @Override
    public List<TestResourceEntry> testResources() {
        return List.of(new TestResourceEntry(StackResource.class, Map.of("access", "local")));
    }

    @Override
    public boolean disableGlobalTestResources() {
        return true;
    }
}
