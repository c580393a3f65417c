package io.cema.cloud.adaptation.torch;

import io.cema.protocol.image.ContentCaution;
import io.cema.protocol.image.FeatureSummary;
import io.cema.protocol.image.Image;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Which domain unfiltered images are of: one that devices went back to, or else by how they look. One thread. */
final class DomainRecognition {
    /** Unfiltered images under the version of a domain left behind that tell whether it is back. */
    static final int FEWEST_BACK = 4;

    private final DomainMemory memory;
    private final DomainExperts experts;
    private final Calibration settings;
    private final int classes;

    DomainRecognition(DomainMemory memory, DomainExperts experts, Calibration settings, int classes) {
        this.memory = memory;
        this.experts = experts;
        this.settings = settings;
        this.classes = classes;
    }

    /**
     * Tells whether unfiltered images are of another domain than the present one.
     *
     * @param unfiltered oldest first
     * @param run version that most devices run now, if it is one
     * @param present unfiltered images that came before, asked for if these look otherwise
     * @param state of the models as they are
     */
    DomainMemory.Step recognise(
            List<Unfiltered> unfiltered, Optional<String> run, Supplier<List<Image>> present, Supplier<byte[]> state) {
        return run.filter(memory::remembers)
                .flatMap(version -> back(unfiltered, version, state))
                .orElseGet(() -> look(unfiltered, present, state));
    }

    private Optional<DomainMemory.Step> back(List<Unfiltered> unfiltered, String version, Supplier<byte[]> state) {
        List<Unfiltered> under =
                unfiltered.stream().filter(u -> u.version().equals(version)).toList();
        if (under.size() < FEWEST_BACK) {
            return Optional.empty();
        }
        List<Unfiltered> before = unfiltered.subList(0, unfiltered.indexOf(under.get(0)));
        return memory.seeBack(
                version, batch(under), before.isEmpty() ? Optional.empty() : Optional.of(batch(before)), state);
    }

    private DomainMemory.Step look(List<Unfiltered> unfiltered, Supplier<List<Image>> present, Supplier<byte[]> state) {
        DomainMemory.Batch older = batch(unfiltered.subList(0, unfiltered.size() / 2));
        DomainMemory.Batch newer = batch(unfiltered.subList(unfiltered.size() / 2, unfiltered.size()));
        DomainMemory.Batch all = older.plus(newer);
        boolean changing =
                older.look().distance(newer.look()) > settings.domainDistance() * ContentCaution.factor(all.counts());
        List<Unfiltered> newest = unfiltered.subList(changing ? unfiltered.size() / 2 : 0, unfiltered.size());
        return memory.see(
                changing ? newer : all,
                () -> experts.sameMixture(
                        present.get(), newest.stream().map(Unfiltered::image).toList()),
                state);
    }

    private DomainMemory.Batch batch(List<Unfiltered> images) {
        int[] counts = new int[classes];
        images.forEach(image -> counts[image.predicted()]++);
        return new DomainMemory.Batch(
                FeatureSummary.of(images.stream().map(Unfiltered::image).toList()),
                counts,
                images.get(0).ordinal());
    }
}
