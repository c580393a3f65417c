package io.cema.cloud.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The files of the page by their path below {@code /ui/}, as the build listed them; or the one that says there are none. */
final class PageFiles {
    static final String INDEX = "index.html";
    private static final String FOLDER = "operator-page/";
    private static final String WITHOUT = "operator-page-missing.html";

    private final Map<String, PageFile> files;
    private final boolean built;

    private PageFiles(Map<String, PageFile> files, boolean built) {
        this.files = Map.copyOf(files);
        this.built = built;
    }

    static PageFiles load() {
        Optional<String> list = list();
        Map<String, PageFile> files = new HashMap<>();
        list.ifPresent(names -> names.lines().forEach(name -> files.put(name, PageFile.read(FOLDER + name))));
        if (!files.containsKey(INDEX)) {
            files.put(INDEX, PageFile.read(WITHOUT));
        }
        return new PageFiles(files, list.isPresent());
    }

    private static Optional<String> list() {
        try (InputStream stream =
                Thread.currentThread().getContextClassLoader().getResourceAsStream(FOLDER + "files.txt")) {
            return stream == null
                    ? Optional.empty()
                    : Optional.of(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("the list of the operator's page cannot be read", e);
        }
    }

    /** False where the service was built without Node. */
    boolean built() {
        return built;
    }

    Optional<PageFile> find(String path) {
        return Optional.ofNullable(files.get(path));
    }

    PageFile index() {
        return files.get(INDEX);
    }
}
