package io.cema.edge.serving.batch;

import io.cema.edge.serving.batch.BatchRefusedException.Cause;
import io.cema.edge.update.ActiveModel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where requests wait for one of the engine's places, first come, first served. Any number of threads put requests in and
 * take batches out; where nobody waits and a place is free, a request may pass without waiting. An arrival wakes one thread
 * at most: the one that waited last, whose core still holds the model, or none while one gathers a batch that is not full
 * yet. Waking a thread costs as much as a fifth of a small model's run where processors are virtual.
 */
final class WaitingRoom {
    private final int maxImages;
    private final int maxWaiting;
    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock();
    /** Threads with nothing to do, the one that waited last in front. */
    private final ArrayDeque<Condition> idle = new ArrayDeque<>();
    /** The thread that waits for more to run together with those in front; null if none does. */
    private Condition gatherer;

    /** Runs that may begin now. */
    private int places;

    private boolean closed;

    /** @param places runs at once */
    WaitingRoom(int places, int maxImages, int maxWaiting) {
        this.places = places;
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
            if (gatherer == null) {
                wakeForPlace();
            } else if (full()) {
                gatherer.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes a place at once, to be given back by {@link #leave}. @return false if others are first, or the room is closed */
    boolean pass() {
        lock.lock();
        try {
            if (closed || places == 0 || !queue.isEmpty()) {
                return false;
            }
            places--;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Gives a place back. */
    void leave() {
        lock.lock();
        try {
            places++;
            if (!queue.isEmpty() && gatherer == null) {
                wakeOne();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for requests and a place, and takes those that run together: of one model, in the order they came, as soon as a batch is
     * full or its first request has waited long enough.
     *
     * @param placed whether the caller has a place from the time before, which it gives back
     * @return at least one request, with a place; none once the room is closed
     */
    List<Waiting> next(boolean placed) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            places += placed ? 1 : 0;
            Condition own = lock.newCondition();
            while (!closed) {
                if (queue.isEmpty() || gatherer != null || places == 0) {
                    rest(own);
                    continue;
                }
                long left = queue.peek().deadlineNanos() - System.nanoTime();
                if (left <= 0 || full()) {
                    return take();
                }
                gather(own, left);
            }
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    private void rest(Condition own) throws InterruptedException {
        idle.push(own);
        try {
            own.await();
        } finally {
            idle.remove(own);
        }
    }

    private void gather(Condition own, long nanos) throws InterruptedException {
        gatherer = own;
        try {
            own.awaitNanos(nanos);
        } finally {
            gatherer = null;
        }
    }

    private void wakeForPlace() {
        if (places > 0) {
            wakeOne();
        }
    }

    /** Who is woken and finds nothing, because another came by first, rests again. */
    private void wakeOne() {
        Condition last = idle.poll();
        if (last != null) {
            last.signal();
        }
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
        places--;
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
        if (!queue.isEmpty()) {
            wakeForPlace();
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
            idle.forEach(Condition::signal);
            if (gatherer != null) {
                gatherer.signal();
            }
            return rest;
        } finally {
            lock.unlock();
        }
    }

    /** Threads that wait for a request. */
    int idle() {
        lock.lock();
        try {
            return idle.size();
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
