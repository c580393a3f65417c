package io.cema.bench.serving;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;

/**
 * The Open Inference Protocol over REST with binary tensors, both ways, on one connection that is kept: Apache HttpCore's
 * blocking one, with a buffer that takes a whole request, so that head and body leave in one write. A client that sends
 * them in two, as the JDK's does, wakes the server twice and adds more to a request here than the agent does. Opens a new
 * connection after a failure.
 */
final class TensorCaller implements Caller {
    private static final Timeout TIMEOUT = Timeout.ofSeconds(30);
    private static final int HEAD_BYTES = 4_096;
    private static final String JSON_LENGTH = "Inference-Header-Content-Length";

    private final String host;
    private final String path;
    private final byte[] header;
    private final int tensorBytes;
    private final int port;
    private DefaultBHttpClientConnection connection;

    /** @param model name or digest */
    TensorCaller(int port, String model, String inputName, int height, int width) {
        this.port = port;
        host = "127.0.0.1:" + port;
        path = "/v2/models/" + model + "/infer";
        tensorBytes = 3 * height * width * Float.BYTES;
        header = ("{\"inputs\":[{\"name\":\"" + inputName + "\",\"shape\":[1,3," + height + "," + width
                        + "],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":" + tensorBytes
                        + "}}],\"parameters\":{\"binary_data_output\":true}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void call(float[] input) throws IOException {
        ByteBuffer body = ByteBuffer.allocate(header.length + tensorBytes).order(ByteOrder.LITTLE_ENDIAN);
        body.put(header).asFloatBuffer().put(input);
        ByteArrayEntity entity = new ByteArrayEntity(body.array(), ContentType.APPLICATION_OCTET_STREAM);
        BasicClassicHttpRequest request = new BasicClassicHttpRequest(Method.POST, path);
        request.addHeader("Host", host);
        request.addHeader("Content-Type", entity.getContentType());
        request.addHeader("Content-Length", Long.toString(entity.getContentLength()));
        request.addHeader(JSON_LENGTH, Integer.toString(header.length));
        request.setEntity(entity);
        try {
            if (connection == null) {
                connection = open();
            }
            connection.sendRequestHeader(request);
            connection.sendRequestEntity(request);
            connection.flush();
            requireTensor(connection.receiveResponseHeader());
        } catch (IOException e) {
            close();
            throw e;
        } catch (HttpException e) {
            close();
            throw new IOException("the agent's answer is no HTTP: " + e.getMessage(), e);
        }
    }

    private DefaultBHttpClientConnection open() throws IOException {
        DefaultBHttpClientConnection opened = new DefaultBHttpClientConnection(Http1Config.custom()
                .setBufferSize(HEAD_BYTES + header.length + tensorBytes)
                .build());
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        opened.bind(socket);
        opened.setSocketTimeout(TIMEOUT);
        return opened;
    }

    private void requireTensor(ClassicHttpResponse response) throws IOException, HttpException {
        connection.receiveResponseEntity(response);
        byte[] answer = response.getEntity() == null ? new byte[0] : EntityUtils.toByteArray(response.getEntity());
        if (response.getCode() != 200) {
            throw new IOException("status " + response.getCode() + ": " + new String(answer, StandardCharsets.UTF_8));
        }
        if (!response.containsHeader(JSON_LENGTH)) {
            throw new IOException("the answer carries no binary tensor");
        }
    }

    @Override
    public void close() {
        if (connection != null) {
            connection.close(CloseMode.IMMEDIATE);
            connection = null;
        }
    }
}
