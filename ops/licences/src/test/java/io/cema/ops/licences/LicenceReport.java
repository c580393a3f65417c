package io.cema.ops.licences;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The libraries by licence, for people. */
final class LicenceReport {
    private LicenceReport() {}

    /** Markdown. */
    static String of(List<Library> libraries) {
        return "# Licences of what CEMA delivers\n\nMade by the build from the bill of materials. A library under several"
                + " licences may be used under any one of them.\n"
                + section(
                        "Delivered",
                        libraries.stream().filter(Library::delivered).toList())
                + section(
                        "Needed to build the page, not delivered",
                        libraries.stream()
                                .filter(library -> !library.delivered())
                                .toList());
    }

    private static String section(String title, List<Library> libraries) {
        Map<String, List<String>> byLicence = libraries.stream()
                .collect(Collectors.groupingBy(
                        library -> library.licences().isEmpty()
                                ? "names none, see " + Allowed.FILE
                                : library.licences().stream().sorted().collect(Collectors.joining(", ")),
                        TreeMap::new,
                        Collectors.mapping(Library::name, Collectors.toList())));
        StringBuilder text =
                new StringBuilder("\n## " + title + ": " + libraries.size() + "\n\n| licence | library |\n|---|---|\n");
        byLicence.forEach((licence, names) -> names.stream().sorted().forEach(name -> text.append("| ")
                .append(licence)
                .append(" | ")
                .append(name.replaceAll("\\?.*", ""))
                .append(" |\n")));
        return text.toString();
    }
}
