package io.cema.bench.fleet;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The phases of a run as tables in Markdown, for people and for ops/docs. */
final class ReportText {
    private static final Set<String> IN_COLUMNS =
            Set.of("phase", "seconds", "processes", "machineBusyProcessors", "serviceThreads", "steps");
    private static final List<String> STEP_COLUMNS =
            List.of("offeredPerSecond", "durablePerSecond", "p50Millis", "p99Millis", "maxMillis", "waitingAtEnd");

    private ReportText() {}

    static String of(List<Map<String, Object>> phases) {
        StringBuilder text = new StringBuilder();
        table(text, "part", "seconds", "seen", "processor seconds", "MiB at the end", "machine busy, processors");
        for (Map<String, Object> phase : phases) {
            row(
                    text,
                    phase.get("phase"),
                    value(phase.get("seconds")),
                    facts(phase),
                    ofProcesses(phase, "cpuSeconds"),
                    ofProcesses(phase, "memoryMiB"),
                    value(phase.get("machineBusyProcessors")));
        }
        for (Map<String, Object> phase : phases) {
            if (phase.get("steps") instanceof List<?> steps) {
                steps(text, steps);
            }
        }
        return text.toString();
    }

    /** One phase in one line. */
    static String line(Map<String, Object> phase) {
        return String.format(
                Locale.ROOT,
                "%s: %s s; %s; processor seconds: %s; MiB: %s; machine busy %s processors",
                phase.get("phase"),
                value(phase.get("seconds")),
                facts(phase),
                ofProcesses(phase, "cpuSeconds"),
                ofProcesses(phase, "memoryMiB"),
                value(phase.get("machineBusyProcessors")));
    }

    private static String facts(Map<String, Object> phase) {
        return phase.entrySet().stream()
                .filter(fact -> !IN_COLUMNS.contains(fact.getKey()))
                .map(fact -> fact.getKey() + " " + value(fact.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static void steps(StringBuilder text, List<?> steps) {
        List<String> columns = new ArrayList<>(STEP_COLUMNS);
        columns.addAll(List.of("processors", "busiest threads of the service", "its database connections"));
        text.append('\n');
        table(text, columns.toArray(String[]::new));
        for (Object step : steps) {
            Map<?, ?> row = (Map<?, ?>) step;
            List<Object> cells = new ArrayList<>();
            STEP_COLUMNS.forEach(column -> cells.add(value(row.get(column))));
            cells.add(value(row.get("processors")));
            cells.add(value(row.get("serviceThreads")));
            cells.add(value(row.get("databaseConnections")));
            row(text, cells.toArray());
        }
    }

    private static String ofProcesses(Map<String, Object> phase, String of) {
        return ((Map<?, ?>) phase.get("processes"))
                .entrySet().stream()
                        .map(process -> process.getKey() + " " + value(((Map<?, ?>) process.getValue()).get(of)))
                        .collect(Collectors.joining(", "));
    }

    private static String value(Object value) {
        if (value instanceof Double number) {
            return String.format(Locale.ROOT, Math.abs(number) < 10 ? "%.2f" : "%.0f", number);
        }
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> entry.getKey() + " " + value(entry.getValue()))
                    .collect(Collectors.joining(", "));
        }
        if (value instanceof List<?> list) {
            return list.stream().map(ReportText::value).collect(Collectors.joining(", "));
        }
        return String.valueOf(value);
    }

    private static void table(StringBuilder text, String... columns) {
        row(text, (Object[]) columns);
        text.append("|---".repeat(columns.length)).append("|\n");
    }

    private static void row(StringBuilder text, Object... cells) {
        for (Object cell : cells) {
            text.append("| ").append(cell).append(' ');
        }
        text.append("|\n");
    }
}
