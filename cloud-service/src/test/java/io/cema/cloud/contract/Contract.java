package io.cema.cloud.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What the OpenAPI document of the service under test promises. */
public final class Contract {
    private static final String DOCUMENT = "META-INF/quarkus-generated-openapi-doc.JSON";
    private static final Set<String> METHODS = Set.of("get", "head", "post", "put", "patch", "delete");

    private final List<Operation> operations = new ArrayList<>();
    private final JsonNode document;

    /** One path and method; variables of the path stand in braces. */
    public record Operation(String method, String path, JsonNode node) {
        boolean fits(String asked) {
            return Pattern.matches(path.replaceAll("\\{[^}]+}", "[^/]+"), asked);
        }

        long variables() {
            return path.chars().filter(c -> c == '{').count();
        }

        Set<String> statuses() {
            Set<String> statuses = new TreeSet<>();
            node.path("responses").fieldNames().forEachRemaining(statuses::add);
            return statuses;
        }

        /** The media types of an answer; none if it has no content. */
        Set<String> types(int status) {
            Set<String> types = new TreeSet<>();
            node.path("responses")
                    .path(Integer.toString(status))
                    .path("content")
                    .fieldNames()
                    .forEachRemaining(types::add);
            return types;
        }

        boolean streams() {
            return types(200).contains("text/event-stream");
        }

        @Override
        public String toString() {
            return method.toUpperCase(Locale.ROOT) + " " + path;
        }
    }

    private Contract(JsonNode document) {
        this.document = document;
        document.path("paths")
                .fields()
                .forEachRemaining(item -> item.getValue().fields().forEachRemaining(found -> {
                    if (METHODS.contains(found.getKey())) {
                        operations.add(new Operation(found.getKey(), item.getKey(), found.getValue()));
                    }
                }));
        operations.sort(Comparator.comparingLong(Operation::variables));
    }

    /** The one that was made for the classes under test, as the service itself answers it. */
    public static Contract ofService() {
        try (InputStream stream = Thread.currentThread().getContextClassLoader().getResourceAsStream(DOCUMENT)) {
            if (stream == null) {
                throw new IllegalStateException(
                        "no " + DOCUMENT + " on the class path: is quarkus-smallrye-openapi there?");
            }
            return new Contract(new ObjectMapper().readTree(stream));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public JsonNode document() {
        return document;
    }

    public List<Operation> operations() {
        return operations;
    }

    boolean knows(String path) {
        return operations.stream().anyMatch(operation -> operation.fits(path));
    }

    /** HEAD is answered as GET is, where it is not written down. */
    Optional<Operation> find(String method, String path) {
        String asked = method.toLowerCase(Locale.ROOT);
        return exactly(asked, path).or(() -> asked.equals("head") ? exactly("get", path) : Optional.empty());
    }

    private Optional<Operation> exactly(String method, String path) {
        return operations.stream()
                .filter(operation -> operation.method().equals(method) && operation.fits(path))
                .findFirst();
    }
}
