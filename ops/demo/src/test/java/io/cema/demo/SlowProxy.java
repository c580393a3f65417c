package io.cema.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Passes TCP connections on to a port of the loopback interface, each byte in each direction later by the delay. The
 * kernel here cannot delay packets. Threads of its own; the delay may be changed at any time.
 */
final class SlowProxy implements AutoCloseable {
    private static final int BUFFER = 64 << 10;
    private static final int LONGEST_QUEUE = 1_024;

    private record Chunk(long dueNanos, byte[] bytes) {}

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile long delayMillis;

    /** Listens on a free port of that address. */
    SlowProxy(String address, int target) throws IOException {
        this.target = target;
        this.server = new ServerSocket();
        server.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
        thread(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    void delay(long millis) {
        delayMillis = millis;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket from = server.accept();
                Socket to = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(from);
                open.add(to);
                join(from, to);
                join(to, from);
            } catch (IOException e) {
                // Nobody listens behind it, or it is closed: the caller sees a refused connection either way.
                continue;
            }
        }
    }

    private void join(Socket from, Socket to) {
        BlockingQueue<Chunk> queue = new LinkedBlockingQueue<>(LONGEST_QUEUE);
        thread(() -> read(from, queue));
        thread(() -> write(queue, to, from));
    }

    private void read(Socket from, BlockingQueue<Chunk> queue) {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            int length;
            while ((length = in.read(buffer)) >= 0) {
                queue.put(chunk(Arrays.copyOf(buffer, length)));
            }
        } catch (IOException | InterruptedException e) {
            // The connection is gone; the other side is told below.
        }
        queue.offer(chunk(new byte[0]));
    }

    private Chunk chunk(byte[] bytes) {
        return new Chunk(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMillis), bytes);
    }

    private void write(BlockingQueue<Chunk> queue, Socket to, Socket from) {
        try (to;
                from) {
            OutputStream out = to.getOutputStream();
            for (Chunk chunk = queue.take(); chunk.bytes().length > 0; chunk = queue.take()) {
                TimeUnit.NANOSECONDS.sleep(chunk.dueNanos() - System.nanoTime());
                out.write(chunk.bytes());
                out.flush();
            }
        } catch (IOException | InterruptedException e) {
            // Both ends are closed with this block: each sees that the other has gone.
        }
        open.remove(to);
        open.remove(from);
    }

    private static void thread(Runnable task) {
        Thread thread = new Thread(task, "slow-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
