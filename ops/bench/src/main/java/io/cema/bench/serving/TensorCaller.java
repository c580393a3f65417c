package io.cema.bench.serving;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The Open Inference Protocol over REST with binary tensors, both ways, on a connection that is kept: the JDK's own
 * blocking HTTP client, which costs least of those at hand where client and server share the cores.
 */
final class TensorCaller implements Caller {
    private static final int TIMEOUT_MILLIS = 30_000;

    private final URL url;
    private final byte[] header;

    /** @param model name or digest */
    TensorCaller(int port, String model, String inputName, int height, int width) throws IOException {
        url = URI.create("http://127.0.0.1:" + port + "/v2/models/" + model + "/infer")
                .toURL();
        int bytes = 3 * height * width * Float.BYTES;
        header = ("{\"inputs\":[{\"name\":\"" + inputName + "\",\"shape\":[1,3," + height + "," + width
                        + "],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":" + bytes
                        + "}}],\"parameters\":{\"binary_data_output\":true}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void call(float[] input) throws IOException {
        ByteBuffer body =
                ByteBuffer.allocate(header.length + input.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        body.put(header).asFloatBuffer().put(input);
        HttpURLConnection connection = (HttpURLConnection) url.openConnection();
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/octet-stream");
        connection.setRequestProperty("Inference-Header-Content-Length", Integer.toString(header.length));
        connection.setFixedLengthStreamingMode(body.capacity());
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body.array());
        }
        int status = connection.getResponseCode();
        try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            byte[] answer = in == null ? new byte[0] : in.readAllBytes();
            if (status != 200) {
                throw new IOException("status " + status + ": " + new String(answer, StandardCharsets.UTF_8));
            }
            if (connection.getHeaderFieldInt("Inference-Header-Content-Length", 0) == 0) {
                throw new IOException("the answer carries no binary tensor");
            }
        }
    }

    /** The connection goes back to the JDK, which keeps it for the next caller or lets it run out. */
    @Override
    public void close() {
        // Nothing is held between two calls.
    }
}
