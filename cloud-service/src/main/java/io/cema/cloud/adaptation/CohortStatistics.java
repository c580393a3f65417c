package io.cema.cloud.adaptation;

import io.cema.protocol.model.NormStatistics;
import io.cema.protocol.onnx.StatisticsCodec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * The reports of a cohort taken together: of each device the newest ones that tell of one domain, of no device more than
 * its share, without devices unlike the others. Pooled by the law of total variance. Pure but for the log.
 *
 * @param frames behind the numbers
 * @param leftOut devices unlike the others
 * @param prior the source's share behind which was measured; reports behind another one are not in it
 * @param servedEntropy mean entropy of what the devices answered, nats; likewise the others, each a mean over frames
 * @param renormalisedClasses answers of the registered model behind the statistics, by class
 */
record CohortStatistics(
        NormStatistics statistics,
        double prior,
        int reports,
        int devices,
        int leftOut,
        long frames,
        double servedEntropy,
        double servedInformation,
        double renormalisedEntropy,
        double renormalisedInformation,
        long[] servedClasses,
        long[] renormalisedClasses) {
    private static final Logger LOG = Logger.getLogger(CohortStatistics.class);
    /** A device's word counts for at most so many frames a report, whatever it says. */
    private static final int MOST_FRAMES = 256;

    /**
     * Distance up to which two reports of a device are of one domain. Measured on ResNet-20 and 64 frames: reports of one
     * domain lie 0.001 to 0.005 apart, those of clear weather and fog 5 0.04, of two severities of one kind 0.01.
     */
    static final double SAME_DOMAIN = 0.01;
    /** From so many devices on one that is unlike them can be told. */
    private static final int ENOUGH_DEVICES = 4;
    /** So many times the others' usual distance from their middle is unlike them. */
    private static final double UNLIKE = 4;
    /** Of the usual distance: even devices that see the same differ by chance. */
    private static final double LEAST_USUAL_DISTANCE = 0.005;

    private record Read(StoredReport report, NormStatistics statistics) {
        String device() {
            return report.device();
        }

        double weight() {
            return Math.min(MOST_FRAMES, report.frames());
        }
    }

    /**
     * @param newestFirst what the devices told; what cannot be read is left out and said so in the log
     * @return empty if nothing is left
     */
    static Optional<CohortStatistics> of(
            List<StoredReport> newestFirst, NormStatistics source, int classes, double deviceShare) {
        List<Read> present = present(read(newestFirst, source, classes), source);
        if (present.isEmpty()) {
            return Optional.empty();
        }
        Map<Float, Double> frames = present.stream()
                .collect(Collectors.groupingBy(r -> r.report().prior(), Collectors.summingDouble(Read::weight)));
        float prior = frames.entrySet().stream()
                .max(Map.Entry.<Float, Double>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .orElseThrow()
                .getKey();
        List<Read> alike =
                present.stream().filter(r -> r.report().prior() == prior).toList();
        List<Read> trusted = withoutUnlike(alike, source);
        int devices = devices(trusted);
        List<Read> chosen = new DeviceShare(deviceShare, devices).choose(trusted, Read::device, trusted.size());
        return chosen.isEmpty()
                ? Optional.empty()
                : Optional.of(pooled(chosen, prior, devices(alike) - devices, classes));
    }

    private static List<Read> read(List<StoredReport> reports, NormStatistics source, int classes) {
        List<Read> read = new ArrayList<>();
        for (StoredReport report : reports) {
            try {
                if (report.classes().length != classes || report.renormalisedClasses().length != classes) {
                    throw new IllegalArgumentException("it is not of " + classes + " classes");
                }
                read.add(new Read(report, StatisticsCodec.decode(report.statistics(), source)));
            } catch (IllegalArgumentException e) {
                LOG.warnf("report %d of device %s is left out: %s", report.ordinal(), report.device(), e.getMessage());
            }
        }
        return read;
    }

    /** Of each device the newest, and those before it as long as they are like it. */
    private static List<Read> present(List<Read> newestFirst, NormStatistics source) {
        Map<String, List<Read>> byDevice = newestFirst.stream()
                .collect(Collectors.groupingBy(Read::device, LinkedHashMap::new, Collectors.toList()));
        List<Read> present = new ArrayList<>();
        for (List<Read> ofOne : byDevice.values()) {
            for (Read read : ofOne) {
                if (StatisticsDistance.between(ofOne.get(0).statistics(), read.statistics(), source) > SAME_DOMAIN) {
                    break;
                }
                present.add(read);
            }
        }
        present.sort(Comparator.comparingLong((Read read) -> -read.report().ordinal()));
        return present;
    }

    /** Each device against the pool of the others. */
    private static List<Read> withoutUnlike(List<Read> reads, NormStatistics source) {
        Map<String, List<Read>> byDevice = reads.stream().collect(Collectors.groupingBy(Read::device));
        if (byDevice.size() < ENOUGH_DEVICES) {
            return reads;
        }
        Map<String, NormStatistics> own = new LinkedHashMap<>();
        byDevice.forEach((device, ofOne) -> own.put(device, pool(ofOne)));
        Map<String, Double> distances = new LinkedHashMap<>();
        own.forEach((device, statistics) -> distances.put(device, medianDistance(statistics, own.values(), source)));
        double usual = median(distances.values().stream().sorted().toList());
        double limit = UNLIKE * Math.max(LEAST_USUAL_DISTANCE, usual);
        return reads.stream().filter(r -> distances.get(r.device()) <= limit).toList();
    }

    private static double medianDistance(
            NormStatistics statistics, Collection<NormStatistics> all, NormStatistics source) {
        return median(all.stream()
                .filter(other -> other != statistics)
                .map(other -> StatisticsDistance.between(statistics, other, source))
                .sorted()
                .toList());
    }

    private static double median(List<Double> sorted) {
        return sorted.get(sorted.size() / 2);
    }

    private static NormStatistics pool(List<Read> reads) {
        return NormStatistics.pooled(
                reads.stream().map(Read::statistics).toList(),
                reads.stream().mapToDouble(Read::weight).toArray());
    }

    private static CohortStatistics pooled(List<Read> reads, double prior, int leftOut, int classes) {
        double total = reads.stream().mapToDouble(Read::weight).sum();
        double servedEntropy = 0;
        double servedInformation = 0;
        double entropy = 0;
        double information = 0;
        long[] served = new long[classes];
        long[] renormalised = new long[classes];
        for (Read read : reads) {
            StoredReport report = read.report();
            servedEntropy += read.weight() * report.meanEntropy() / total;
            servedInformation += read.weight() * report.information() / total;
            entropy += read.weight() * report.renormalisedEntropy() / total;
            information += read.weight() * report.renormalisedInformation() / total;
            for (int c = 0; c < classes; c++) {
                served[c] += report.classes()[c];
                renormalised[c] += report.renormalisedClasses()[c];
            }
        }
        return new CohortStatistics(
                pool(reads),
                prior,
                reads.size(),
                devices(reads),
                leftOut,
                (long) total,
                servedEntropy,
                servedInformation,
                entropy,
                information,
                served,
                renormalised);
    }

    private static int devices(List<Read> reads) {
        return (int) reads.stream().map(Read::device).distinct().count();
    }
}
