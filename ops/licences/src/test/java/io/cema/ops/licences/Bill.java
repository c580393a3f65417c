package io.cema.ops.licences;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A bill of materials in CycloneDX's JSON, and the packages that npm brings, which Maven does not know. */
final class Bill {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String OWN = "io.cema";

    private final ObjectNode document;

    private Bill(ObjectNode document) {
        this.document = document;
    }

    static Bill read(Path file) throws IOException {
        return new Bill((ObjectNode) JSON.readTree(file.toFile()));
    }

    /** Everybody else's libraries. */
    List<Library> libraries() {
        List<Library> libraries = new ArrayList<>();
        for (JsonNode component : document.path("components")) {
            if (!OWN.equals(component.path("group").asText())) {
                libraries.add(new Library(component.path("purl").asText(), licences(component.path("licenses")), true));
            }
        }
        return libraries;
    }

    private static List<String> licences(JsonNode choices) {
        List<String> licences = new ArrayList<>();
        for (JsonNode choice : choices) {
            JsonNode licence = choice.path("license");
            licences.add(licence.path("id")
                    .asText(licence.path("name")
                            .asText(choice.path("expression").asText())));
        }
        return licences;
    }

    /** The packages that a lock file of npm's version 3 names. */
    static List<Library> packages(Path lockFile) throws IOException {
        List<Library> packages = new ArrayList<>();
        JSON.readTree(lockFile.toFile()).path("packages").properties().forEach(found -> {
            String folder = "node_modules/";
            int name = found.getKey().lastIndexOf(folder);
            if (name >= 0) {
                JsonNode about = found.getValue();
                packages.add(new Library(
                        "pkg:npm/"
                                + found.getKey()
                                        .substring(name + folder.length())
                                        .replace("@", "%40") + "@"
                                + about.path("version").asText(),
                        about.has("license") ? List.of(about.path("license").asText()) : List.of(),
                        !about.path("dev").asBoolean()));
            }
        });
        return packages;
    }

    /** The same bill with those that are delivered. */
    Bill with(List<Library> packages) {
        ObjectNode copy = document.deepCopy();
        ArrayNode components = copy.withArray("components");
        packages.stream().filter(Library::delivered).forEach(p -> {
            String[] name = p.name().substring("pkg:npm/".length()).split("@");
            ObjectNode component = components
                    .addObject()
                    .put("type", "library")
                    .put("bom-ref", p.name())
                    .put("name", name[0].replace("%40", "@"))
                    .put("version", name[1])
                    .put("purl", p.name());
            ArrayNode licences = component.putArray("licenses");
            p.licences().forEach(l -> licences.addObject().putObject("license").put("id", l));
        });
        return new Bill(copy);
    }

    void write(Path file) throws IOException {
        JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), document);
    }
}
