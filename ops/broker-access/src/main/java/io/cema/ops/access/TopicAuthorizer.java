package io.cema.ops.access;

import com.hivemq.extension.sdk.api.async.Async;
import com.hivemq.extension.sdk.api.async.TimeoutFallback;
import com.hivemq.extension.sdk.api.auth.PublishAuthorizer;
import com.hivemq.extension.sdk.api.auth.SubscriptionAuthorizer;
import com.hivemq.extension.sdk.api.auth.parameter.PublishAuthorizerInput;
import com.hivemq.extension.sdk.api.auth.parameter.PublishAuthorizerOutput;
import com.hivemq.extension.sdk.api.auth.parameter.SubscriptionAuthorizerInput;
import com.hivemq.extension.sdk.api.auth.parameter.SubscriptionAuthorizerOutput;
import com.hivemq.extension.sdk.api.services.ManagedExtensionExecutorService;
import io.cema.protocol.topic.AccessList;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds one client to the access list, its will included. A device hears of a slot about when the broker does, and may be
 * first; so its subscription waits a little before it is refused. Called on the broker's threads.
 */
final class TopicAuthorizer implements PublishAuthorizer, SubscriptionAuthorizer {
    private static final Logger LOG = LoggerFactory.getLogger(TopicAuthorizer.class);
    /** The cloud writes a change down within a second. */
    private static final Duration WAIT = Duration.ofSeconds(2);
    /** So much later the broker would refuse by itself. */
    private static final Duration SPARE = Duration.ofSeconds(30);

    private final String clientId;
    private final Admission admission;
    private final Slots slots;
    private final ManagedExtensionExecutorService timer;

    TopicAuthorizer(String clientId, Admission admission, Slots slots, ManagedExtensionExecutorService timer) {
        this.clientId = clientId;
        this.admission = admission;
        this.slots = slots;
        this.timer = timer;
    }

    @Override
    public void authorizePublish(PublishAuthorizerInput input, PublishAuthorizerOutput output) {
        String topic = input.getPublishPacket().getTopic();
        if (mayPublish(topic)) {
            output.authorizeSuccessfully();
        } else {
            LOG.warn("client {} may not publish to {}", clientId, topic);
            output.failAuthorization();
        }
    }

    @Override
    public void authorizeSubscribe(SubscriptionAuthorizerInput input, SubscriptionAuthorizerOutput output) {
        String filter = input.getSubscription().getTopicFilter();
        if (maySubscribe(filter) || !mayYetSubscribe(filter)) {
            decide(filter, output);
            return;
        }
        Async<SubscriptionAuthorizerOutput> later = output.async(WAIT.plus(SPARE), TimeoutFallback.FAILURE);
        timer.schedule(
                () -> {
                    try {
                        slots.refresh();
                        decide(filter, output);
                    } catch (RuntimeException e) {
                        LOG.error("client {} cannot be judged", clientId, e);
                        output.failAuthorization();
                    } finally {
                        later.resume();
                    }
                },
                WAIT.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private void decide(String filter, SubscriptionAuthorizerOutput output) {
        if (maySubscribe(filter)) {
            output.authorizeSuccessfully();
        } else {
            LOG.warn("client {} may not subscribe to {}", clientId, filter);
            output.failAuthorization();
        }
    }

    private boolean mayPublish(String topic) {
        return admission instanceof Admission.Local
                || admission instanceof Admission.Known known && AccessList.mayPublish(known.principal(), topic);
    }

    private boolean maySubscribe(String filter) {
        return admission instanceof Admission.Local
                || admission instanceof Admission.Known known && slots.allow(known.principal(), filter);
    }

    private boolean mayYetSubscribe(String filter) {
        return admission instanceof Admission.Known known && AccessList.mayYetSubscribe(known.principal(), filter);
    }
}
