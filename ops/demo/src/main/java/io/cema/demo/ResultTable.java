package io.cema.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table at the end, once as text for the terminal, once as HTML; the same cells. */
final class ResultTable {
    private static final List<String> HEAD = List.of(
            "phase",
            "images",
            "without",
            "with",
            "gain",
            "uploaded",
            "bytes up",
            "bytes down",
            "applied",
            "refused",
            "recovery");

    private ResultTable() {}

    static String text(List<PhaseResult> phases) {
        List<List<String>> rows = new ArrayList<>(List.of(HEAD));
        phases.forEach(p -> rows.add(cells(p)));
        int[] width = new int[HEAD.size()];
        for (List<String> row : rows) {
            for (int c = 0; c < width.length; c++) {
                width[c] = Math.max(width[c], row.get(c).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (int r = 0; r < rows.size(); r++) {
            for (int c = 0; c < width.length; c++) {
                String cell = rows.get(r).get(c);
                String padding = " ".repeat(width[c] - cell.length());
                text.append(c == 0 ? cell + padding : "  " + padding + cell);
            }
            text.append('\n');
            if (r == 0) {
                int total = 2 * (width.length - 1);
                for (int w : width) {
                    total += w;
                }
                text.append("-".repeat(total)).append('\n');
            }
        }
        return text.toString();
    }

    static String html(List<PhaseResult> phases) {
        StringBuilder html = new StringBuilder("<table><thead><tr>");
        HEAD.forEach(h -> html.append("<th>").append(Html.escape(h)).append("</th>"));
        html.append("</tr></thead><tbody>");
        for (PhaseResult phase : phases) {
            html.append("<tr>");
            List<String> cells = cells(phase);
            for (int c = 0; c < cells.size(); c++) {
                String style = c == 3 ? " class=\"with\"" : c == 2 ? " class=\"without\"" : "";
                html.append("<td")
                        .append(style)
                        .append('>')
                        .append(Html.escape(cells.get(c)))
                        .append("</td>");
            }
            html.append("</tr>");
        }
        return html.append("</tbody></table>").toString();
    }

    private static List<String> cells(PhaseResult p) {
        return List.of(
                p.severity() == 0 ? p.name() : p.name() + " " + p.severity(),
                Integer.toString(p.images()),
                percent(p.accuracyWithout()),
                percent(p.accuracyWith()),
                String.format(Locale.ROOT, "%+.1f", 100 * (p.accuracyWith() - p.accuracyWithout())),
                p.uploadedImages() + " (" + percent(p.uploadedShare()) + ")",
                bytes(p.bytesUp()),
                bytes(p.bytesDown()),
                Integer.toString(p.updatesApplied()),
                Integer.toString(p.updatesRefused()),
                p.recoverySeconds() == null ? "-" : String.format(Locale.ROOT, "%.1f s", p.recoverySeconds()));
    }

    static String percent(double fraction) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * fraction);
    }

    static String bytes(double bytes) {
        if (bytes < 1000) {
            return String.format(Locale.ROOT, "%.0f B", bytes);
        }
        if (bytes < 1_000_000) {
            return String.format(Locale.ROOT, "%.1f kB", bytes / 1000);
        }
        return String.format(Locale.ROOT, "%.2f MB", bytes / 1_000_000);
    }
}
