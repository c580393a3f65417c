package io.cema.bench.evaluation;

import java.util.List;
import java.util.Locale;

/** Accuracy per domain and method as grouped bars, SVG that reads on light and dark pages. */
final class AccuracyBars {
    private static final List<String> COLOURS =
            List.of("#9aa0a6", "#5f8dd3", "#3aa17e", "#8e6cc9", "#d98b2b", "#d1495b", "#4c4f69", "#2b9eb3");
    private static final int GROUP = 74;
    private static final int HEIGHT = 300;
    private static final int LEFT = 46;
    private static final int TOP = 40;
    private static final int BOTTOM = 96;

    private final List<Row> rows;

    AccuracyBars(List<Row> rows) {
        this.rows = rows;
    }

    String svg() {
        List<String> domains = EvaluationReport.distinct(rows, EvaluationReport::domain);
        List<String> methods = EvaluationReport.distinct(rows, Row::method);
        int width = Math.max(420, LEFT + domains.size() * GROUP + 10);
        int height = TOP + HEIGHT + BOTTOM;
        StringBuilder svg = new StringBuilder();
        append(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"system-ui,sans-serif\""
                        + " font-size=\"12\" role=\"img\" aria-label=\"Accuracy per domain and method\">%n"
                        + "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>%n",
                width,
                height,
                width,
                height);
        for (int percent = 0; percent <= 100; percent += 20) {
            double y = y(percent / 100.0);
            append(
                    svg,
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#e3e5e8\"/>"
                            + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" fill=\"#444\">%d %%</text>%n",
                    LEFT,
                    width - 6,
                    y,
                    y,
                    LEFT - 6,
                    y + 4,
                    percent);
        }
        for (int d = 0; d < domains.size(); d++) {
            group(svg, domains.get(d), methods, LEFT + d * GROUP + 5);
        }
        for (int m = 0; m < methods.size(); m++) {
            append(
                    svg,
                    "<rect x=\"%d\" y=\"12\" width=\"11\" height=\"11\" fill=\"%s\"/><text x=\"%d\" y=\"22\""
                            + " fill=\"#222\">%s</text>%n",
                    LEFT + m * 74,
                    colour(m),
                    LEFT + m * 74 + 16,
                    methods.get(m));
        }
        return svg.append("</svg>\n").toString();
    }

    private void group(StringBuilder svg, String domain, List<String> methods, int x) {
        double bar = (GROUP - 14.0) / methods.size();
        for (int m = 0; m < methods.size(); m++) {
            String method = methods.get(m);
            double accuracy = rows.stream()
                    .filter(r -> r.method().equals(method)
                            && EvaluationReport.domain(r).equals(domain))
                    .mapToDouble(Row::accuracy)
                    .average()
                    .orElse(0);
            append(
                    svg,
                    "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"><title>%s, %s: %.1f"
                            + " %%</title></rect>%n",
                    x + m * bar,
                    y(accuracy),
                    Math.max(1, bar - 1),
                    HEIGHT * accuracy,
                    colour(m),
                    domain,
                    method,
                    100 * accuracy);
        }
        int middle = x + GROUP / 2 - 6;
        append(
                svg,
                "<text transform=\"translate(%d,%d) rotate(-35)\" text-anchor=\"end\" fill=\"#222\">%s</text>%n",
                middle,
                TOP + HEIGHT + 16,
                domain);
    }

    private static String colour(int method) {
        return COLOURS.get(method % COLOURS.size());
    }

    private static double y(double accuracy) {
        return TOP + HEIGHT * (1 - accuracy);
    }

    private static void append(StringBuilder svg, String format, Object... arguments) {
        svg.append(String.format(Locale.ROOT, format, arguments));
    }
}
