package io.cema.edge.statistics;

import com.google.protobuf.InvalidProtocolBufferException;
import io.cema.edge.storage.DurableFile;
import io.cema.protocol.message.StatisticsReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Reports that the broker has not confirmed, on disk, by id. Bounded: the oldest goes first, since the newest tells what is
 * now; of several slots' reports the oldest of the slot that has most, so that a busy one does not push out the others'. One
 * thread.
 */
final class ReportSpool {
    private static final Logger LOG = Logger.getLogger(ReportSpool.class);
    private static final String SUFFIX = ".report";
    static final int MOST_REPORTS = 64;

    private final Path folder;
    private final TreeMap<String, StatisticsReport> reports = new TreeMap<>();

    private ReportSpool(Path folder) {
        this.folder = folder;
    }

    static ReportSpool open(Path folder) throws IOException {
        Files.createDirectories(folder);
        ReportSpool spool = new ReportSpool(folder);
        List<Path> files;
        try (Stream<Path> listing = Files.list(folder)) {
            files = listing.toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString();
            if (name.endsWith(DurableFile.UNFINISHED)) {
                Files.delete(file);
            } else if (name.endsWith(SUFFIX)) {
                spool.load(file, name.substring(0, name.length() - SUFFIX.length()));
            }
        }
        return spool;
    }

    private void load(Path file, String id) throws IOException {
        try {
            reports.put(id, StatisticsReport.parseFrom(Files.readAllBytes(file)));
        } catch (InvalidProtocolBufferException e) {
            LOG.warnf("report %s is damaged and deleted: %s", file, e.getMessage());
            Files.delete(file);
        }
    }

    void add(StatisticsReport report) throws IOException {
        DurableFile.write(path(report.getReportId()), report.toByteArray());
        reports.put(report.getReportId(), report);
        while (reports.size() > MOST_REPORTS) {
            remove(oldestOfTheMost());
        }
    }

    private String oldestOfTheMost() {
        Map<String, Long> bySlot = reports.values().stream()
                .collect(Collectors.groupingBy(StatisticsReport::getCohort, Collectors.counting()));
        long most = Collections.max(bySlot.values());
        return reports.entrySet().stream()
                .filter(report -> bySlot.get(report.getValue().getCohort()) == most)
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    /** Of those that may be sent. Ids are ULIDs: in the order of their making. */
    Optional<StatisticsReport> oldest(Predicate<StatisticsReport> sendable) {
        return reports.values().stream().filter(sendable).findFirst();
    }

    void remove(String id) throws IOException {
        reports.remove(id);
        Files.deleteIfExists(path(id));
    }

    private Path path(String id) {
        return folder.resolve(id + SUFFIX);
    }
}
