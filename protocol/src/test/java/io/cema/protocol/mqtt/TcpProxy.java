package io.cema.protocol.mqtt;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ServerSocketFactory;

/** A line between client and broker that a test can cut, or let go silent. */
final class TcpProxy implements AutoCloseable {
    private final ServerSocket server;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean silent;

    TcpProxy(int target) throws IOException {
        this(target, 0);
    }

    /** @param port to listen on */
    TcpProxy(int target, int port) throws IOException {
        this(target, ServerSocketFactory.getDefault(), port);
    }

    /** @param factory of TLS sockets, say */
    TcpProxy(int target, ServerSocketFactory factory, int port) throws IOException {
        this.target = target;
        this.server = factory.createServerSocket(port, 50, InetAddress.getLoopbackAddress());
        run(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** Ends every connection, without the DISCONNECT of MQTT; new ones are let through. */
    void cut() {
        sockets.forEach(TcpProxy::closeQuietly);
        sockets.clear();
    }

    /** From now on nothing passes from broker to client, while connections stay. */
    void silence() {
        silent = true;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Socket broker = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(client);
                sockets.add(broker);
                run(() -> copy(client, broker, false));
                run(() -> copy(broker, client, true));
            }
        } catch (IOException e) {
            cut(); // closed
        }
    }

    private void copy(Socket from, Socket to, boolean downwards) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[8192];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (!(silent && downwards)) {
                    out.write(buffer, 0, read);
                    out.flush();
                }
            }
        } catch (IOException e) {
            // the line is cut, which the other direction must learn too
        }
        closeQuietly(from);
        closeQuietly(to);
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }

    private static void run(Runnable task) {
        Thread thread = new Thread(task, "tcp-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
