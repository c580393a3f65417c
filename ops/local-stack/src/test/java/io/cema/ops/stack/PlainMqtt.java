package io.cema.ops.stack;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Just enough of MQTT 3.1.1 to look at a broker from outside: packets below 128 bytes, QoS 1. */
final class PlainMqtt implements AutoCloseable {
    private static final int CONNACK = 2;
    private static final int PUBLISH = 3;
    private static final int PUBACK = 4;
    private static final int SUBACK = 9;

    private final Socket socket;
    private final DataInputStream in;
    private boolean sessionPresent;

    /** Connects with a session that outlives the connection. */
    PlainMqtt(int port, String client) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(10_000);
        in = new DataInputStream(socket.getInputStream());
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        string(body, "MQTT");
        body.write(4); // protocol level 3.1.1
        body.write(0); // clean session off
        body.write(0);
        body.write(60);
        string(body, client);
        send(0x10, body);
        byte[] answer = receive(CONNACK);
        sessionPresent = answer[0] == 1;
        if (answer[1] != 0) {
            throw new IOException("broker refused the connection with code " + answer[1]);
        }
    }

    boolean sessionPresent() {
        return sessionPresent;
    }

    void publish(String topic, String payload, boolean retained) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        string(body, topic);
        body.write(0);
        body.write(7); // packet id
        body.writeBytes(payload.getBytes(StandardCharsets.UTF_8));
        send(retained ? 0x33 : 0x32, body);
        receive(PUBACK);
    }

    void subscribe(String filter) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.write(0);
        body.write(8); // packet id
        string(body, filter);
        body.write(1);
        send(0x82, body);
        receive(SUBACK);
    }

    /** Waits for the next message and returns its payload. */
    String message() throws IOException {
        byte[] packet = receive(PUBLISH);
        int topic = (packet[0] & 0xff) << 8 | packet[1] & 0xff;
        int start = 2 + topic + 2; // and the packet id of QoS 1
        return new String(packet, start, packet.length - start, StandardCharsets.UTF_8);
    }

    private static void string(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write(0);
        out.write(bytes.length);
        out.writeBytes(bytes);
    }

    private void send(int header, ByteArrayOutputStream body) throws IOException {
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(header);
        packet.write(body.size());
        body.writeTo(packet);
        socket.getOutputStream().write(packet.toByteArray());
    }

    private byte[] receive(int type) throws IOException {
        int header = in.readUnsignedByte();
        byte[] body = in.readNBytes(in.readUnsignedByte());
        if (header >> 4 != type) {
            throw new IOException("expected packet type " + type + ", got " + (header >> 4));
        }
        return body;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
