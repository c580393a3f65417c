package io.cema.cli;

import io.cema.client.ApiClient;
import io.cema.client.ApiException;
import io.cema.client.JSON;
import io.cema.client.model.ModelView;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Registers a model by its file alone, as the body of the request. The generated client knows the form with source images
 * only, and cannot leave a file of a form out.
 */
final class ModelFile {
    private ModelFile() {}

    /** @param labels or null */
    static ModelView register(ApiClient client, Path file, String name, String mean, String std, String labels)
            throws ApiException {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("name", name);
        fields.put("mean", mean);
        fields.put("std", std);
        fields.put("labels", labels);
        String query = fields.entrySet().stream()
                .filter(field -> field.getValue() != null)
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(client.getBaseUri() + "/api/v1/models?" + query))
                .timeout(client.getReadTimeout())
                .header("Content-Type", "application/octet-stream");
        client.getRequestInterceptor().accept(request);
        try {
            HttpResponse<String> answer = client.getHttpClient()
                    .send(
                            request.POST(HttpRequest.BodyPublishers.ofFile(file))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() / 100 != 2) {
                throw new ApiException(answer.statusCode(), "registering " + file, answer.headers(), answer.body());
            }
            return JSON.getDefault().getMapper().readValue(answer.body(), ModelView.class);
        } catch (IOException e) {
            throw new ApiException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiException(e);
        }
    }
}
