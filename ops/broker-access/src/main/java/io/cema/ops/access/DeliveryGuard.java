package io.cema.ops.access;

import com.hivemq.extension.sdk.api.client.ClientContext;
import com.hivemq.extension.sdk.api.client.parameter.InitializerInput;
import com.hivemq.extension.sdk.api.interceptor.publish.PublishOutboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishOutboundInput;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishOutboundOutput;
import com.hivemq.extension.sdk.api.services.intializer.ClientInitializer;
import io.cema.protocol.topic.Principal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks at each message to a device whether it may have it now. A subscription is judged when it is made, lasts for as long as
 * the session, and has messages wait for a device that is away; a slot may be taken in between. Thread-safe.
 */
final class DeliveryGuard implements ClientInitializer {
    private static final Logger LOG = LoggerFactory.getLogger(DeliveryGuard.class);

    private final Slots slots;

    DeliveryGuard(Slots slots) {
        this.slots = slots;
    }

    @Override
    public void initialize(InitializerInput input, ClientContext context) {
        if (Admission.of(input.getConnectionInformation()) instanceof Admission.Known known
                && known.principal() instanceof Principal.Device device) {
            context.addPublishOutboundInterceptor(new Before(device));
        }
    }

    /** Called on the broker's threads. */
    private final class Before implements PublishOutboundInterceptor {
        private final Principal.Device device;

        private Before(Principal.Device device) {
            this.device = device;
        }

        @Override
        public void onOutboundPublish(PublishOutboundInput input, PublishOutboundOutput output) {
            String topic = input.getPublishPacket().getTopic();
            if (!slots.allow(device, topic)) {
                LOG.debug("device {} is not given a message of {}: it has no such slot", device.commonName(), topic);
                output.preventPublishDelivery();
            }
        }
    }
}
