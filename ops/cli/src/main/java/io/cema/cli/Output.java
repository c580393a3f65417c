package io.cema.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.cema.client.ApiClient;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Tables for people, JSON for programs: the same things, as the service gave them. */
final class Output {
    private static final ObjectMapper JSON =
            ApiClient.createDefaultObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final String GAP = "  ";

    private final PrintWriter out;
    private final Form form;

    /** How things are shown. */
    enum Form {
        TABLE,
        JSON
    }

    Output(PrintWriter out, Form form) {
        this.out = out;
        this.form = form;
    }

    /** One thing: a line per field, or a JSON object. */
    void one(Object thing) {
        if (form == Form.JSON) {
            json(thing);
            return;
        }
        List<List<String>> lines = new ArrayList<>();
        fields("", JSON.valueToTree(thing), lines);
        print(lines);
    }

    /** Several: a line per thing, or a JSON array. */
    void several(Collection<?> things, String... columns) {
        if (form == Form.JSON) {
            json(things);
            return;
        }
        List<List<String>> lines = new ArrayList<>();
        lines.add(Arrays.stream(columns).map(Output::heading).toList());
        for (Object thing : things) {
            JsonNode tree = JSON.valueToTree(thing);
            lines.add(Arrays.stream(columns).map(c -> cell(tree, c)).toList());
        }
        print(lines);
    }

    /** One of many that come one by one: the columns, or a JSON object, in a line. */
    void line(Object thing, String... columns) {
        JsonNode tree = JSON.valueToTree(thing);
        out.println(
                form == Form.JSON
                        ? tree.toString()
                        : Arrays.stream(columns).map(c -> cell(tree, c)).collect(Collectors.joining(GAP)));
        out.flush();
    }

    private void json(Object thing) {
        try {
            out.println(JSON.writeValueAsString(thing));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an answer of the service cannot be written as JSON", e);
        }
    }

    private static void fields(String prefix, JsonNode node, List<List<String>> lines) {
        node.properties().forEach(field -> {
            String name = prefix + field.getKey();
            JsonNode value = field.getValue();
            if (value.isObject() && !value.isEmpty()) {
                fields(name + ".", value, lines);
            } else if (!value.isNull()) {
                lines.add(List.of(name, text(value)));
            }
        });
    }

    /** {@code manifest.classes}: the last name, as words. */
    private static String heading(String column) {
        return column.substring(column.lastIndexOf('.') + 1)
                .replaceAll("([a-z])([A-Z])", "$1 $2")
                .toUpperCase(Locale.ROOT);
    }

    private static String cell(JsonNode tree, String column) {
        JsonNode value = tree;
        for (String name : column.split("\\.")) {
            value = value.path(name);
        }
        return value.isMissingNode() || value.isNull() ? "-" : text(value);
    }

    private static String text(JsonNode value) {
        if (value.isArray()) {
            List<String> parts = new ArrayList<>();
            value.forEach(part -> parts.add(text(part)));
            return String.join(",", parts);
        }
        String text = value.isValueNode() ? value.asText() : value.toString();
        return text.replaceAll("\\p{Cntrl}+", " ").strip(); // what a device reports must not steer the terminal
    }

    private void print(List<List<String>> lines) {
        int columns = lines.stream().mapToInt(List::size).max().orElse(0);
        int[] widths = new int[columns];
        for (List<String> line : lines) {
            for (int i = 0; i < line.size(); i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < line.size(); i++) {
                text.append(line.get(i));
                if (i < line.size() - 1) {
                    text.append(" ".repeat(widths[i] - line.get(i).length())).append(GAP);
                }
            }
            out.println(text);
        }
    }
}
