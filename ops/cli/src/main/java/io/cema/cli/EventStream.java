package io.cema.cli;

import io.cema.client.ApiClient;
import io.cema.client.ApiException;
import io.cema.client.JSON;
import io.cema.client.model.LiveEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * The stream of live events, for as long as one likes: where it ends or breaks it is opened again behind the last event. The
 * generated client reads an answer whole, and this one has no end.
 */
final class EventStream {
    private static final long PAUSE_MILLIS = 2000;

    private final ApiClient client;
    private final HttpClient http; // held while the stream is read
    private final String query;
    private String last;
    private long left;

    EventStream(ApiClient client, String type, String subject, String after) {
        this.client = client;
        this.http = client.getHttpClient();
        this.query = parameter("type", type) + parameter("subject", subject);
        this.last = after;
    }

    /** Reads {@code count} events; fails if the first connection does. */
    void read(Consumer<LiveEvent> receiver, long count) throws ApiException, IOException, InterruptedException {
        left = count;
        boolean connected = false;
        while (left > 0) {
            try {
                HttpResponse<InputStream> answer = open();
                connected = true;
                take(answer, receiver);
            } catch (IOException e) {
                if (!connected) {
                    throw e;
                }
            } catch (ApiException e) {
                if (!connected || ExitCode.of(e.getCode()) != ExitCode.UNREACHABLE) {
                    throw e;
                }
            }
            if (left > 0) {
                Thread.sleep(PAUSE_MILLIS); // it was there, and will be again
            }
        }
    }

    private HttpResponse<InputStream> open() throws ApiException, IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(client.getBaseUri() + "/api/v1/events/stream?" + query))
                .header("Accept", "text/event-stream");
        client.getRequestInterceptor().accept(request);
        if (last != null) {
            request.header("Last-Event-ID", last);
        }
        HttpResponse<InputStream> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        if (answer.statusCode() != 200) {
            String body = new String(answer.body().readAllBytes(), StandardCharsets.UTF_8);
            throw new ApiException(answer.statusCode(), "the stream of events", answer.headers(), body);
        }
        return answer;
    }

    private void take(HttpResponse<InputStream> answer, Consumer<LiveEvent> receiver) throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
            StringBuilder data = new StringBuilder();
            String id = last;
            for (String line = lines.readLine(); line != null && left > 0; line = lines.readLine()) {
                if (line.startsWith("data:")) {
                    data.append(line.substring(5).strip());
                } else if (line.startsWith("id:")) {
                    id = line.substring(3).strip();
                } else if (line.isEmpty()) {
                    last = id;
                    if (!data.isEmpty()) {
                        receiver.accept(JSON.getDefault().getMapper().readValue(data.toString(), LiveEvent.class));
                        data.setLength(0);
                        left--;
                    }
                }
            }
        }
    }

    private static String parameter(String name, String value) {
        return value == null ? "" : name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8) + "&";
    }
}
