package io.cema.protocol.mqtt;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One network connection of a session, with a client of its own. A new client for each connection keeps nothing of the
 * last one: the broker's session alone decides what is delivered again, and a publish that was under way fails here
 * instead of going out twice behind its sender's back. Publishing from any thread; the rest is the link thread's.
 */
final class Connection {
    private static final int MAX_IN_FLIGHT = 1024;

    private final Set<CompletableFuture<Void>> inFlight = ConcurrentHashMap.newKeySet();
    private final AtomicInteger inFlightCount = new AtomicInteger();
    private volatile Mqtt5AsyncClient client;
    private volatile String lossReason;

    /** CONNACK is there. Written by the link thread. */
    volatile boolean accepted;

    // Link thread only.
    boolean sessionPresent;
    boolean ready;
    long readyNanos;

    /** Whether something waits for a silence of shared subscriptions, and how often they were sent again. */
    boolean watchesShared;

    int renewals;
    private long heardNanos;
    private Duration silence = Duration.ZERO;

    void client(Mqtt5AsyncClient created) {
        client = created;
    }

    Mqtt5AsyncClient client() {
        return client;
    }

    boolean lost() {
        return lossReason != null;
    }

    /** Something arrived just now: the next silence begins, {@code wait} long. */
    void heard(Duration wait) {
        heardNanos = System.nanoTime();
        silence = wait;
    }

    /** Begins another silence, twice as long as the last one but not above {@code longest}; returns its length. */
    Duration longerSilence(Duration longest) {
        Duration twice = silence.multipliedBy(2);
        heard(twice.compareTo(longest) < 0 ? twice : longest);
        return silence;
    }

    /** What is left of the silence, zero if it is over. */
    Duration silenceLeft() {
        Duration left = silence.minusNanos(System.nanoTime() - heardNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }

    CompletableFuture<Void> publish(Mqtt5Publish publish) {
        if (inFlightCount.incrementAndGet() > MAX_IN_FLIGHT) {
            inFlightCount.decrementAndGet();
            return CompletableFuture.failedFuture(new MqttLinkException("publish to " + publish.getTopic() + ": "
                    + MAX_IN_FLIGHT + " publishes are under way already; wait for some to complete"));
        }
        CompletableFuture<Void> result = new CompletableFuture<>();
        inFlight.add(result);
        result.whenComplete((nothing, failure) -> {
            inFlight.remove(result);
            inFlightCount.decrementAndGet();
        });
        client.publish(publish).whenComplete((sent, failure) -> complete(result, publish, sent, failure));
        if (lossReason != null) { // lost meanwhile, perhaps before this publish stood in the set
            fail(result, lossReason);
        }
        return result;
    }

    private static void complete(
            CompletableFuture<Void> result, Mqtt5Publish publish, Mqtt5PublishResult sent, Throwable failure) {
        Throwable error = failure != null ? failure : sent.getError().orElse(null);
        if (error == null) {
            result.complete(null);
        } else {
            result.completeExceptionally(new MqttLinkException(
                    "publish to " + publish.getTopic() + " failed: " + error.getMessage(), error));
        }
    }

    /** Marks it lost and fails what is under way. False if it was lost before. */
    synchronized boolean lose(String reason) {
        if (lossReason != null) {
            return false;
        }
        lossReason = reason;
        for (CompletableFuture<Void> publish : inFlight) {
            fail(publish, reason);
        }
        return true;
    }

    private static void fail(CompletableFuture<Void> publish, String reason) {
        publish.completeExceptionally(
                new MqttLinkException("connection lost before the broker acknowledged the publish: " + reason));
    }
}
