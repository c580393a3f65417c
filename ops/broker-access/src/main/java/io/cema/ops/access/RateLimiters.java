package io.cema.ops.access;

import com.hivemq.extension.sdk.api.client.ClientContext;
import com.hivemq.extension.sdk.api.client.parameter.InitializerInput;
import com.hivemq.extension.sdk.api.services.ManagedExtensionExecutorService;
import com.hivemq.extension.sdk.api.services.intializer.ClientInitializer;
import com.hivemq.extension.sdk.api.services.session.ClientService;
import io.cema.protocol.topic.Principal;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Puts a rate limiter before each device; the cloud's services, and the demo on one machine, have none. An allowance
 * outlives a connection, so that nobody fills it by coming anew. Grows with the fleet. Thread-safe.
 */
final class RateLimiters implements ClientInitializer {
    private final RateLimits limits;
    private final ManagedExtensionExecutorService timer;
    private final ClientService clients;
    private final Map<String, Allowance> allowances = new ConcurrentHashMap<>();

    RateLimiters(RateLimits limits, ManagedExtensionExecutorService timer, ClientService clients) {
        this.limits = limits;
        this.timer = timer;
        this.clients = clients;
    }

    @Override
    public void initialize(InitializerInput input, ClientContext context) {
        if (Admission.of(input.getConnectionInformation()) instanceof Admission.Known known
                && known.principal() instanceof Principal.Device) {
            String clientId = input.getClientInformation().getClientId();
            Allowance allowance =
                    allowances.computeIfAbsent(clientId, ignored -> new Allowance(limits, System::nanoTime));
            context.addPublishInboundInterceptor(new RateLimiter(clientId, allowance, timer, clients));
        }
    }
}
