package io.cema.cloud.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Reads the stream of live events as a browser does, over a connection of its own that can be cut. */
final class EventWatcher implements AutoCloseable {
    /** Held for as long as streams are read: a client that nobody holds may be collected. */
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final InputStream body;
    private final List<Seen> seen = Collections.synchronizedList(new ArrayList<>());
    private final Thread reader;
    private volatile String lastId = "";
    private volatile int comments;

    /** One event. */
    record Seen(String id, String type, String data) {}

    private EventWatcher(InputStream body) {
        this.body = body;
        this.reader = new Thread(this::read, "event-watcher");
        this.reader.setDaemon(true);
        this.reader.start();
    }

    /** @param lastId as a browser sends it when it comes back; empty: from now on */
    static EventWatcher open(int port, String query, String lastId) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/events/stream" + query));
        if (!lastId.isEmpty()) {
            request.header("Last-Event-ID", lastId);
        }
        HttpResponse<InputStream> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
        return new EventWatcher(answer.body());
    }

    List<Seen> seen() {
        synchronized (seen) {
            return List.copyOf(seen);
        }
    }

    /** Where to go on: of the last event or sign of life. */
    String lastId() {
        return lastId;
    }

    int comments() {
        return comments;
    }

    /** Cuts the connection. */
    @Override
    public void close() throws IOException, InterruptedException {
        body.close();
        reader.join();
    }

    private void read() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            String id = "";
            String type = "";
            StringBuilder data = new StringBuilder();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(":")) {
                    comments++;
                } else if (line.startsWith("id:")) {
                    id = line.substring(3).strip();
                } else if (line.startsWith("event:")) {
                    type = line.substring(6).strip();
                } else if (line.startsWith("data:")) {
                    data.append(line.substring(5));
                } else if (line.isEmpty()) {
                    if (!data.isEmpty()) {
                        seen.add(new Seen(id, type, data.toString()));
                    }
                    lastId = id.isEmpty() ? lastId : id;
                    data.setLength(0);
                    type = "";
                }
            }
        } catch (IOException e) {
            // cut: what was read whole counts
        }
    }
}
