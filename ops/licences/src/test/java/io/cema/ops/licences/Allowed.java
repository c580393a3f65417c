package io.cema.ops.licences;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The licences that a library may be under. A line of the file is a licence, or a library's package URL without version, a
 * space, and the licence that somebody found it to be under where its POM does not say so clearly; {@code #} begins a comment.
 */
final class Allowed {
    static final String FILE = "ops/licences/allowed.txt";

    private final Set<String> licences = new HashSet<>();
    private final Set<String> libraries = new HashSet<>();

    private Allowed() {}

    static Allowed parse(String text) {
        Allowed allowed = new Allowed();
        text.lines()
                .map(line -> line.replaceAll("(^|\\s)#.*", "").strip())
                .filter(line -> !line.isEmpty())
                .forEach(allowed::add);
        return allowed;
    }

    private void add(String line) {
        if (!line.startsWith("pkg:")) {
            licences.add(line);
            return;
        }
        String[] words = line.split("\\s+", 2);
        if (words.length < 2 || !fits(words[1])) {
            throw new IllegalArgumentException(FILE + ": \"" + line
                    + "\" must be a package URL without version, a space, and a licence of the list above it");
        }
        libraries.add(words[0]);
    }

    /** What is wrong with a library and what to do; empty if nothing is. */
    Optional<String> complaint(Library library) {
        if (libraries.contains(library.unversioned())
                || library.licences().stream().anyMatch(this::fits)) {
            return Optional.empty();
        }
        String under = library.licences().isEmpty()
                ? "names no licence"
                : "is under " + String.join(" or ", library.licences());
        return Optional.of(library.name() + " " + under + ", which " + FILE
                + " does not allow: use another library, or, if its terms can be kept, add the licence (or the library with"
                + " the licence it is really under) there");
    }

    /** An SPDX expression fits if one side of an OR does, and both sides of an AND do. Parentheses do not nest. */
    private boolean fits(String licence) {
        return licences.contains(licence)
                || Arrays.stream(licence.replaceAll("[()]", "").split(" OR "))
                        .anyMatch(choice -> Arrays.stream(choice.split(" AND ")).allMatch(licences::contains));
    }
}
