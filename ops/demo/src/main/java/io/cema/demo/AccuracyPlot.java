package io.cema.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Accuracy over time as SVG: a band per phase, one curve with adaptation and one without, a tick per update. Colours
 * come from the page's style sheet, so that it follows light and dark.
 */
final class AccuracyPlot {
    private static final int WIDTH = 1120;
    private static final int HEIGHT = 430;
    private static final int LEFT = 52;
    private static final int RIGHT = 14;
    private static final int TOP = 44;
    private static final int BOTTOM = 62;
    private static final int POINTS_PER_PHASE = 90;

    private final Scenario scenario;
    private final List<Outcome> outcomes;
    private final double seconds;
    private final double floor;

    /**
     * @param seconds since the agent's first frame
     */
    record PlacedMark(double seconds, UpdateMark update) {}

    AccuracyPlot(Scenario scenario, List<Outcome> outcomes) {
        this.scenario = scenario;
        this.outcomes = outcomes;
        this.seconds =
                Math.max(1, outcomes.stream().mapToLong(Outcome::millis).max().orElse(0) / 1000.0);
        double lowest = 1;
        for (int p = 0; p < scenario.phases().size(); p++) {
            for (double[] point : curve(p)) {
                lowest = Math.min(lowest, Math.min(point[1], point[2]));
            }
        }
        this.floor = Math.max(0, Math.floor(lowest * 10 - 0.3) / 10);
    }

    /** @param marks updates, placed on the agents' own time axes */
    String svg(List<PlacedMark> marks) {
        StringBuilder svg = new StringBuilder();
        append(
                svg,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Accuracy over time\" "
                        + "xmlns=\"http://www.w3.org/2000/svg\">",
                WIDTH,
                HEIGHT);
        bands(svg);
        grid(svg);
        for (int p = 0; p < scenario.phases().size(); p++) {
            List<double[]> curve = curve(p);
            area(svg, curve);
            line(svg, curve, 2, "without");
            line(svg, curve, 1, "with");
        }
        ticks(svg, marks);
        append(
                svg,
                "<text class=\"axis\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">seconds</text></svg>",
                WIDTH / 2,
                HEIGHT - 6);
        return svg.toString();
    }

    /** When the phase began, in the mean over the agents. */
    private double startSeconds(int p) {
        return phase(p).stream()
                        .mapToLong(o -> o.millis() - o.phaseMillis())
                        .average()
                        .orElse(seconds * 1000)
                / 1000.0;
    }

    private List<Outcome> phase(int p) {
        return outcomes.stream().filter(o -> o.phase() == p).toList();
    }

    /** Points {seconds, with, without}: means over a window centred on the point and cut off at the phase's borders. */
    private List<double[]> curve(int p) {
        List<Outcome> phase = phase(p);
        List<double[]> points = new ArrayList<>();
        int n = phase.size();
        if (n == 0) {
            return points;
        }
        double start = startSeconds(p);
        int half = Math.max(12, Evaluation.window(n) / 2);
        int[] with = new int[n + 1];
        int[] without = new int[n + 1];
        for (int i = 0; i < n; i++) {
            with[i + 1] = with[i] + (phase.get(i).right() ? 1 : 0);
            without[i + 1] = without[i] + (phase.get(i).rightWithout() ? 1 : 0);
        }
        for (int k = 0; k <= POINTS_PER_PHASE; k++) {
            int i = (int) ((long) k * (n - 1) / POINTS_PER_PHASE);
            int from = Math.max(0, i - half);
            int to = Math.min(n, i + half + 1);
            points.add(new double[] {
                start + phase.get(i).phaseMillis() / 1000.0,
                (double) (with[to] - with[from]) / (to - from),
                (double) (without[to] - without[from]) / (to - from)
            });
        }
        return points;
    }

    private void bands(StringBuilder svg) {
        for (int p = 0; p < scenario.phases().size(); p++) {
            double from = x(startSeconds(p));
            double to = x(p + 1 < scenario.phases().size() ? startSeconds(p + 1) : seconds);
            Phase shown = scenario.phases().get(p);
            append(
                    svg,
                    "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>",
                    shown.drifted() ? "band drift" : "band",
                    from,
                    TOP,
                    to - from,
                    HEIGHT - TOP - BOTTOM);
            append(
                    svg,
                    "<text class=\"phase\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                    (from + to) / 2,
                    TOP - 16,
                    Html.escape(shown.title()));
        }
    }

    private void grid(StringBuilder svg) {
        double step = floor < 0.55 ? 0.1 : 0.05;
        for (double a = floor; a <= 1.0001; a += step) {
            append(
                    svg,
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
                    LEFT,
                    WIDTH - RIGHT,
                    y(a),
                    y(a));
            append(
                    svg,
                    "<text class=\"axis\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.0f %%</text>",
                    LEFT - 8,
                    y(a) + 4,
                    100 * a);
        }
        int every = seconds > 400 ? 60 : seconds > 150 ? 30 : seconds > 60 ? 15 : 5;
        for (int s = 0; s <= seconds; s += every) {
            append(
                    svg,
                    "<text class=\"axis\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>",
                    x(s),
                    HEIGHT - BOTTOM + 36,
                    s);
        }
    }

    /** What adaptation won, as a surface between the curves. */
    private void area(StringBuilder svg, List<double[]> curve) {
        if (curve.isEmpty()) {
            return;
        }
        svg.append("<path class=\"gain\" d=\"M");
        for (double[] point : curve) {
            append(svg, "%.1f,%.1f ", x(point[0]), y(point[1]));
        }
        for (int i = curve.size() - 1; i >= 0; i--) {
            append(svg, "%.1f,%.1f ", x(curve.get(i)[0]), y(Math.min(curve.get(i)[1], curve.get(i)[2])));
        }
        svg.append("Z\"/>");
    }

    private void line(StringBuilder svg, List<double[]> curve, int column, String style) {
        append(svg, "<polyline class=\"curve %s\" points=\"", style);
        for (double[] point : curve) {
            append(svg, "%.1f,%.1f ", x(point[0]), y(point[column]));
        }
        svg.append("\"/>");
    }

    private void ticks(StringBuilder svg, List<PlacedMark> marks) {
        int y = HEIGHT - BOTTOM + 6;
        for (PlacedMark mark : marks) {
            UpdateMark update = mark.update();
            double at = mark.seconds();
            if (at < 0 || at > seconds) {
                continue;
            }
            append(
                    svg,
                    "<line class=\"tick %s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"><title>%s</title></line>",
                    update.applied() || update.recalled() ? "applied" : "refused",
                    x(at),
                    x(at),
                    y,
                    y + 12,
                    Html.escape(String.format(
                            Locale.ROOT,
                            "%s at %.1f s: %s %s",
                            update.event().toLowerCase(Locale.ROOT),
                            at,
                            update.version(),
                            update.reason())));
        }
    }

    private double x(double second) {
        return LEFT + (WIDTH - LEFT - RIGHT) * second / seconds;
    }

    private double y(double accuracy) {
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (accuracy - floor) / (1 - floor);
    }

    private static void append(StringBuilder out, String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values));
    }
}
