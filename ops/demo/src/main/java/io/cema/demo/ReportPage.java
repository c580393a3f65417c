package io.cema.demo;

import io.cema.protocol.image.Image;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** The report as one self-contained HTML page. */
final class ReportPage {
    private ReportPage() {}

    static String render(Report report, DemoStream stream, Evaluation evaluation, List<AgentWatch> agents)
            throws IOException {
        String template;
        try (InputStream in = ReportPage.class.getResourceAsStream("report.html")) {
            template = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        AccuracyPlot plot = new AccuracyPlot(stream.scenario(), evaluation.outcomes());
        return template.replace("@headline@", Html.escape(headline(report)))
                .replace("@tiles@", tiles(report))
                .replace("@plot@", plot.svg(marks(agents)))
                .replace("@samples@", samples(stream))
                .replace("@table@", ResultTable.html(report.phases()))
                .replace("@facts@", facts(report));
    }

    private static List<AccuracyPlot.PlacedMark> marks(List<AgentWatch> agents) {
        return agents.stream()
                .flatMap(a -> a.updates().stream()
                        .map(u -> new AccuracyPlot.PlacedMark((u.atMillis() - Evaluation.startMillis(a)) / 1000.0, u)))
                .toList();
    }

    private static String headline(Report report) {
        List<PhaseResult> drifted =
                report.phases().stream().filter(p -> p.severity() > 0).toList();
        double without = drifted.stream()
                .mapToDouble(PhaseResult::accuracyWithout)
                .average()
                .orElse(0);
        double with = drifted.stream()
                .mapToDouble(PhaseResult::accuracyWith)
                .average()
                .orElse(0);
        return String.format(
                Locale.ROOT,
                "Under drift: %s without adaptation, %s with it",
                ResultTable.percent(without),
                ResultTable.percent(with));
    }

    private static String tiles(Report report) {
        long images = report.phases().stream().mapToLong(PhaseResult::images).sum();
        long uploaded =
                report.phases().stream().mapToLong(PhaseResult::uploadedImages).sum();
        long up = report.phases().stream().mapToLong(PhaseResult::bytesUp).sum();
        long applied =
                report.phases().stream().mapToLong(PhaseResult::updatesApplied).sum();
        return tile(
                        ResultTable.percent(images == 0 ? 0 : (double) uploaded / images),
                        uploaded + " of " + images + " images uploaded")
                + tile(
                        ResultTable.bytes(up),
                        "went up, " + ResultTable.bytes(report.bytesPerUploadedImage()) + " an image")
                + tile(
                        ResultTable.bytes(report.bytesPerUpdate()),
                        "per update down (raw float32: " + ResultTable.bytes(report.rawBytesPerUpdate()) + ")")
                + tile(Long.toString(applied), "updates swapped in while serving, all agents together");
    }

    private static String tile(String number, String words) {
        return "<div class=\"tile\"><b>" + Html.escape(number) + "</b><span>" + Html.escape(words) + "</span></div>";
    }

    private static String samples(DemoStream stream) {
        StringBuilder html = new StringBuilder();
        List<Phase> phases = stream.scenario().phases();
        for (int p = 0; p < phases.size(); p++) {
            html.append("<figure><div>");
            for (Image image : stream.samples().get(p)) {
                html.append("<img alt=\"\" src=\"").append(Html.dataUri(image)).append("\">");
            }
            html.append("</div><figcaption>")
                    .append(Html.escape(phases.get(p).title()))
                    .append("</figcaption></figure>");
        }
        return html.toString();
    }

    private static String facts(Report report) {
        return Html.escape(String.format(
                Locale.ROOT,
                "%s. Scenario %s, %d agents at %.0f images per second each, seed %d. Edge model %s, foundation model %s; "
                        + "images: %s.",
                report.startedAt(),
                report.scenario(),
                report.agents(),
                report.rate(),
                report.seed(),
                report.edgeModel(),
                report.foundationModel(),
                report.images()));
    }
}
