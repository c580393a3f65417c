package io.cema.ops.access;

import com.hivemq.extension.sdk.api.async.Async;
import com.hivemq.extension.sdk.api.async.TimeoutFallback;
import com.hivemq.extension.sdk.api.interceptor.publish.PublishInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundInput;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundOutput;
import com.hivemq.extension.sdk.api.packets.disconnect.DisconnectReasonCode;
import com.hivemq.extension.sdk.api.packets.general.Qos;
import com.hivemq.extension.sdk.api.packets.publish.AckReasonCode;
import com.hivemq.extension.sdk.api.packets.publish.PublishPacket;
import com.hivemq.extension.sdk.api.services.ManagedExtensionExecutorService;
import com.hivemq.extension.sdk.api.services.session.ClientService;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds one device to its allowance. A message beyond it is worked on later: its PUBACK comes late, and the Receive Maximum
 * holds the sender back, so nothing is lost. Who would have to wait too long goes on regardless of that, or sends messages
 * too large: it is answered "quota exceeded" and disconnected. QoS 0 knows no holding back: what is beyond is dropped.
 * Either way a sample stays in the device's spool, which the cloud's word alone empties. Called on the broker's threads.
 */
final class RateLimiter implements PublishInboundInterceptor {
    private static final Logger LOG = LoggerFactory.getLogger(RateLimiter.class);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    /** So much later the broker would go on by itself. */
    private static final Duration SPARE = Duration.ofSeconds(30);

    private final String clientId;
    private final Allowance allowance;
    private final ManagedExtensionExecutorService timer;
    private final ClientService clients;

    RateLimiter(String clientId, Allowance allowance, ManagedExtensionExecutorService timer, ClientService clients) {
        this.clientId = clientId;
        this.allowance = allowance;
        this.timer = timer;
        this.clients = clients;
    }

    @Override
    public void onInboundPublish(PublishInboundInput input, PublishInboundOutput output) {
        PublishPacket packet = input.getPublishPacket();
        int bytes = packet.getPayload().map(ByteBuffer::remaining).orElse(0);
        boolean heldBack = packet.getQos() != Qos.AT_MOST_ONCE;
        long wait = allowance.take(bytes, heldBack ? LONGEST_WAIT.toNanos() : 0);
        if (wait == 0) {
            return;
        }
        if (!heldBack) {
            LOG.debug("client {} is beyond its rate: a message of QoS 0 is dropped", clientId);
            output.preventPublishDelivery();
        } else if (wait > LONGEST_WAIT.toNanos()) {
            putOut(output, bytes);
        } else {
            Async<PublishInboundOutput> later = output.async(LONGEST_WAIT.plus(SPARE), TimeoutFallback.SUCCESS);
            timer.schedule(later::resume, wait, TimeUnit.NANOSECONDS);
        }
    }

    private void putOut(PublishInboundOutput output, int bytes) {
        LOG.warn("client {} is far beyond its rate with a message of {} bytes: it is disconnected", clientId, bytes);
        output.preventPublishDelivery(AckReasonCode.QUOTA_EXCEEDED, "beyond the rate of a device");
        clients.disconnectClient(
                        clientId,
                        false,
                        DisconnectReasonCode.MESSAGE_RATE_TOO_HIGH,
                        "beyond the rate of a device; see rate.* of access.properties")
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        LOG.error("client {} could not be disconnected", clientId, failure);
                    }
                });
    }
}
