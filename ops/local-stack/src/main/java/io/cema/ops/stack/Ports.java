package io.cema.ops.stack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** TCP ports of the loopback interface. */
public final class Ports {
    /** The only address anything of the local stack listens on. */
    public static final String LOOPBACK = "127.0.0.1";

    private Ports() {}

    /**
     * A port that can be listened on now. It is not reserved: whoever asks should bind it soon.
     *
     * @param wanted 1..65535, or 0 for any free one
     * @param purpose for the error message, e.g. {@code MQTT broker}
     * @param remedy how to choose another, e.g. {@code --broker-port}
     * @throws StackException if the wanted port is taken
     */
    public static int claim(int wanted, String purpose, String remedy) {
        if (wanted < 0 || wanted > 65535) {
            throw new StackException(
                    "port " + wanted + " for the " + purpose + " is outside 0..65535; choose another with " + remedy);
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByName(LOOPBACK), wanted));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new StackException(
                    "port " + wanted + " of " + LOOPBACK + ", meant for the " + purpose + ", is in use ("
                            + e.getMessage() + "); stop what listens there or choose another with " + remedy
                            + " (0 = any free port)",
                    e);
        }
    }

    /** Whether something accepts connections on that port of the loopback interface. */
    public static boolean accepts(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(LOOPBACK, port), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
