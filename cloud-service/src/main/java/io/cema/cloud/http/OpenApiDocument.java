package io.cema.cloud.http;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.MediaType;
import org.eclipse.microprofile.openapi.models.media.Schema;

/**
 * Completes the OpenAPI document with what holds for every operation: the answers that filters and framework give, problem
 * details as the content of errors, names for generated clients, and examples of request bodies from those of their fields.
 */
@OpenApiFilter(OpenApiFilter.RunStage.BUILD)
public final class OpenApiDocument implements OASFilter {
    private static final String RESOURCE = "Resource_";

    @Override
    public void filterOpenAPI(OpenAPI document) {
        Map<String, Schema> schemas = document.getComponents().getSchemas();
        schemas.values().forEach(OpenApiDocument::giveShape);
        document.getPaths().getPathItems().forEach((path, item) -> item.getOperations()
                .forEach((method, operation) -> {
                    name(operation);
                    addProblems(path, operation);
                    addExample(operation, schemas);
                }));
    }

    /** {@code CohortResource_changePolicy} becomes {@code changeCohortPolicy}; names given by hand stay. */
    static String clientName(String id) {
        int at = id.indexOf(RESOURCE);
        if (at < 0) {
            return id;
        }
        String noun = id.substring(0, at);
        String method = id.substring(at + RESOURCE.length());
        if (method.equals("list")) {
            return "list" + (noun.endsWith("y") ? noun.substring(0, noun.length() - 1) + "ies" : noun + "s");
        }
        if (method.toLowerCase(Locale.ROOT).contains(noun.toLowerCase(Locale.ROOT))) {
            return method;
        }
        int verb = 0;
        while (verb < method.length() && !Character.isUpperCase(method.charAt(verb))) {
            verb++;
        }
        return method.substring(0, verb) + noun + method.substring(verb);
    }

    private static void name(Operation operation) {
        if (operation.getOperationId() != null) {
            operation.setOperationId(clientName(operation.getOperationId()));
        }
    }

    private static void addProblems(String path, Operation operation) {
        if (operation.getResponses() == null) {
            operation.setResponses(OASFactory.createAPIResponses());
        }
        Map<String, String> common = new TreeMap<>();
        common.put("400", "The path, a parameter or the body has not the form asked for; the detail names it");
        common.put("406", "Accept names nothing that this answers in");
        common.put("500", "An error of the service; the detail has a reference to its log");
        common.put("503", "The service starts, or its database is away");
        if (path.contains("{")) {
            common.put("404", "There is none");
        }
        if (operation.getRequestBody() != null) {
            common.put("415", "The body is of another type than is read");
        }
        common.forEach((status, description) -> {
            if (operation.getResponses().getAPIResponse(status) == null) {
                ProblemResponses.add(operation, status, description);
            }
        });
        operation.getResponses().getAPIResponses().forEach((status, response) -> {
            if (status.compareTo("400") >= 0) {
                response.setContent(ProblemResponses.content());
            }
        });
    }

    /**
     * A field that takes any JSON document is an object; without a type, clients get nothing to hold it by. And where a field
     * refers to another schema, the type is said there.
     */
    private static void giveShape(Schema schema) {
        if (schema.getProperties() == null) {
            return;
        }
        for (Schema property : schema.getProperties().values()) {
            if (property.getRef() != null || property.getAnyOf() != null) {
                property.setType(null);
            } else if (property.getType() == null
                    && property.getOneOf() == null
                    && property.getAllOf() == null
                    && property.getEnumeration() == null) {
                property.setType(List.of(Schema.SchemaType.OBJECT));
                property.setAdditionalPropertiesBoolean(true);
            }
        }
    }

    private static void addExample(Operation operation, Map<String, Schema> schemas) {
        if (operation.getRequestBody() == null || operation.getRequestBody().getContent() == null) {
            return;
        }
        for (MediaType type :
                operation.getRequestBody().getContent().getMediaTypes().values()) {
            Schema schema = resolved(type.getSchema(), schemas);
            if (type.getExample() != null || type.getExamples() != null || schema == null) {
                continue;
            }
            Map<String, Object> example = example(schema, schemas);
            List<String> required = schema.getRequired() == null ? List.of() : schema.getRequired();
            if (!example.isEmpty() && example.keySet().containsAll(required)) {
                type.setExample(example);
            }
        }
    }

    private static Map<String, Object> example(Schema schema, Map<String, Schema> schemas) {
        Map<String, Object> example = new TreeMap<>();
        if (schema.getProperties() != null) {
            schema.getProperties().forEach((name, property) -> {
                Schema kind = resolved(property, schemas);
                if (property.getExamples() != null && !property.getExamples().isEmpty()) {
                    example.put(name, property.getExamples().get(0));
                } else if (kind.getEnumeration() != null) {
                    example.put(name, kind.getEnumeration().get(0));
                }
            });
        }
        return example;
    }

    private static Schema resolved(Schema schema, Map<String, Schema> schemas) {
        if (schema == null || schema.getRef() == null) {
            return schema;
        }
        return schemas.get(schema.getRef().substring(schema.getRef().lastIndexOf('/') + 1));
    }
}
