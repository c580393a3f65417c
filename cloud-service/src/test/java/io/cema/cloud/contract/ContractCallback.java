package io.cema.cloud.contract;

import io.quarkus.test.junit.callback.QuarkusTestBeforeEachCallback;
import io.quarkus.test.junit.callback.QuarkusTestMethodContext;
import io.restassured.RestAssured;
import java.util.List;

/** Every test that asks the running service by RestAssured is a test of its OpenAPI document, too. */
public final class ContractCallback implements QuarkusTestBeforeEachCallback {
    private static Contract contract;

    @Override
    public void beforeEach(QuarkusTestMethodContext context) {
        synchronized (ContractCallback.class) {
            if (contract == null) {
                contract = Contract.ofService();
            }
        }
        RestAssured.replaceFiltersWith(List.of(new ContractFilter(contract)));
    }
}
