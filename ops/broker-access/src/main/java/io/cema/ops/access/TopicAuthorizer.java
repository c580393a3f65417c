package io.cema.ops.access;

import com.hivemq.extension.sdk.api.auth.PublishAuthorizer;
import com.hivemq.extension.sdk.api.auth.SubscriptionAuthorizer;
import com.hivemq.extension.sdk.api.auth.parameter.PublishAuthorizerInput;
import com.hivemq.extension.sdk.api.auth.parameter.PublishAuthorizerOutput;
import com.hivemq.extension.sdk.api.auth.parameter.SubscriptionAuthorizerInput;
import com.hivemq.extension.sdk.api.auth.parameter.SubscriptionAuthorizerOutput;
import io.cema.protocol.topic.AccessList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds one client to the access list, its will included. Called on the broker's threads. */
final class TopicAuthorizer implements PublishAuthorizer, SubscriptionAuthorizer {
    private static final Logger LOG = LoggerFactory.getLogger(TopicAuthorizer.class);

    private final String clientId;
    private final Admission admission;

    TopicAuthorizer(String clientId, Admission admission) {
        this.clientId = clientId;
        this.admission = admission;
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
                || admission instanceof Admission.Known known && AccessList.maySubscribe(known.principal(), filter);
    }
}
