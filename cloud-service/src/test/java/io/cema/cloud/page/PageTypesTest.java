package io.cema.cloud.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cema.cloud.StackResource;
import io.cema.cloud.contract.Contract;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The types that the page reads by, against the OpenAPI document of the classes under test. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class PageTypesTest {
    private static final Path TYPES = Path.of("src/main/web/src/api/types.ts");
    private static final Pattern INTERFACE = Pattern.compile("export interface (\\w+) \\{([^}]*)}");
    private static final Pattern FIELD = Pattern.compile("(\\w+)(\\??): ([^;]+);");

    private final JsonNode schemas =
            Contract.ofService().document().path("components").path("schemas");

    @Test
    void everyFieldThePageReads_isInTheDocumentWithItsType() throws IOException {
        List<String> wrong = new ArrayList<>();
        int fields = 0;
        Matcher types = INTERFACE.matcher(Files.readString(TYPES));
        while (types.find()) {
            JsonNode schema = schemas.path(types.group(1));
            if (schema.isMissingNode()) {
                wrong.add(types.group(1) + ": no such schema");
                continue;
            }
            Matcher field = FIELD.matcher(types.group(2));
            while (field.find()) {
                fields++;
                String name = types.group(1) + "." + field.group(1);
                JsonNode property = schema.path("properties").path(field.group(1));
                if (property.isMissingNode()) {
                    wrong.add(name + ": no such property");
                } else if (nullable(property) == field.group(2).isEmpty()) {
                    wrong.add(name + ": the document says " + (nullable(property) ? "nullable" : "never null"));
                } else if (!fits(field.group(3), property)) {
                    wrong.add(name + ": is " + field.group(3) + ", the document says " + property);
                }
            }
        }

        assertThat(fields).isGreaterThan(100);
        assertThat(wrong).isEmpty();
    }

    private static boolean nullable(JsonNode property) {
        return property.path("type").toString().contains("null")
                || property.path("anyOf").toString().contains("null");
    }

    private boolean fits(String type, JsonNode property) {
        if (property.has("anyOf")) {
            for (JsonNode choice : property.path("anyOf")) {
                if (fits(type, choice)) {
                    return true;
                }
            }
            return false;
        }
        String said = property.path("type").toString();
        if (type.endsWith("[]")) {
            return said.contains("array") && fits(type.substring(0, type.length() - 2), property.path("items"));
        }
        return switch (type) {
            case "string" ->
                said.contains("string")
                        || schemas.at(pointer(property)).path("type").toString().contains("string");
            case "number" -> said.contains("integer") || said.contains("number");
            case "boolean" -> said.contains("boolean");
            case "Json" -> said.contains("object") || property.has("$ref");
            default -> property.path("$ref").asText().endsWith("/" + type);
        };
    }

    private static String pointer(JsonNode property) {
        return property.path("$ref").asText().replace("#/components/schemas", "");
    }
}
