package io.cema.edge.serving.batch;

import io.cema.edge.serving.batch.BatchRefusedException.Cause;
import io.cema.edge.update.ActiveModel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where requests wait, first come, first served. Any number of threads put requests in and take batches out. Of those
 * that take, one leads: it alone waits for arrivals and puts a batch together, the others wait for the lead. So every
 * arrival wakes the one thread it concerns, and none is missed: who gets the lead looks before it waits.
 */
final class WaitingRoom {
    private final int maxImages;
    private final int maxWaiting;
    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrival = lock.newCondition();
    private final Condition lead = lock.newCondition();
    private boolean led;
    private boolean closed;

    WaitingRoom(int maxImages, int maxWaiting) {
        this.maxImages = maxImages;
        this.maxWaiting = maxWaiting;
    }

    /** @throws BatchRefusedException if the room is full or closed */
    void enter(Waiting request) {
        lock.lock();
        try {
            if (closed) {
                throw new BatchRefusedException(Cause.CLOSED, "the agent is stopping");
            }
            if (queue.size() >= maxWaiting) {
                throw new BatchRefusedException(
                        Cause.QUEUE_FULL, maxWaiting + " requests are waiting already (cema.serving.queue-size)");
            }
            queue.add(request);
            arrival.signal();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for requests and takes those that run together: of one model, in the order they came, as soon as a batch is
     * full or its first request has waited long enough.
     *
     * @return at least one request; none once the room is closed
     */
    List<Waiting> next() throws InterruptedException {
        lock.lock();
        try {
            while (led) {
                lead.await();
            }
            led = true;
            try {
                return lead();
            } finally {
                led = false;
                lead.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    private List<Waiting> lead() throws InterruptedException {
        while (queue.isEmpty() && !closed) {
            arrival.await();
        }
        long left = closed ? 0 : queue.peek().deadlineNanos() - System.nanoTime();
        while (left > 0 && !closed && !full()) {
            left = arrival.awaitNanos(left);
        }
        return closed ? List.of() : take();
    }

    /** Whether nothing that comes could join those that wait in front. */
    private boolean full() {
        int images = 0;
        ActiveModel model = queue.peek().model();
        for (Waiting request : queue) {
            images += request.images();
            if (images >= maxImages || request.model() != model) {
                return true;
            }
        }
        return false;
    }

    private List<Waiting> take() {
        List<Waiting> batch = new ArrayList<>();
        batch.add(queue.poll());
        int images = batch.get(0).images();
        ActiveModel model = batch.get(0).model();
        while (!queue.isEmpty()
                && queue.peek().model() == model
                && images + queue.peek().images() <= maxImages) {
            images += queue.peek().images();
            batch.add(queue.poll());
        }
        return batch;
    }

    /** Lets no one in any more. @return those who still waited */
    List<Waiting> close() {
        lock.lock();
        try {
            closed = true;
            List<Waiting> rest = new ArrayList<>(queue);
            queue.clear();
            arrival.signalAll();
            lead.signalAll();
            return rest;
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }
}
