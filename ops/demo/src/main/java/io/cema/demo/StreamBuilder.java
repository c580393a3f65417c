package io.cema.demo;

import io.cema.bench.image.LabelledImage;
import io.cema.bench.image.RecordFile;
import io.cema.protocol.image.Image;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Makes the whole stream before it is shown: draws images, lets the world spoil them, deals them to the agents in turn,
 * and asks the unchanged edge model about the very same pixels.
 */
final class StreamBuilder {
    private static final int CHUNK = 64;
    private static final int SAMPLES_PER_PHASE = 6;

    private final Scenario scenario;
    private final ImageSupply supply;
    private final int imagesPerPhase;
    private final long seed;
    private final AtomicInteger done = new AtomicInteger();

    /**
     * @param imagesPerPhase over all agents together
     * @param seed the same seed gives the same stream
     */
    StreamBuilder(Scenario scenario, ImageSupply supply, int imagesPerPhase, long seed) {
        this.scenario = scenario;
        this.supply = supply;
        this.imagesPerPhase = imagesPerPhase;
        this.seed = seed;
    }

    int total() {
        return imagesPerPhase * scenario.phases().size();
    }

    /** Images made so far; any thread may ask. */
    int done() {
        return done.get();
    }

    /** @param folder gets one record file per device */
    DemoStream build(Path folder, List<String> devices, BaseModel base) throws IOException {
        int agents = devices.size();
        int total = total();
        List<int[]> labels = new ArrayList<>();
        List<int[]> phases = new ArrayList<>();
        List<int[]> predictions = new ArrayList<>();
        for (int a = 0; a < agents; a++) {
            int frames = (total + agents - 1 - a) / agents;
            labels.add(new int[frames]);
            phases.add(new int[frames]);
            predictions.add(new int[frames]);
        }
        List<List<Image>> samples = new ArrayList<>();
        List<List<Image>> frames = new ArrayList<>();
        devices.forEach(d -> frames.add(new ArrayList<>()));
        SplittableRandom order = new SplittableRandom(seed);
        int index = 0;
        for (int p = 0; p < scenario.phases().size(); p++) {
            samples.add(new ArrayList<>());
            for (int start = 0; start < imagesPerPhase; start += CHUNK) {
                List<LabelledImage> clear = supply.draw(Math.min(CHUNK, imagesPerPhase - start), order);
                List<Image> seen = spoil(scenario.phases().get(p), clear, index);
                int[] predicted = base.predict(seen);
                for (int i = 0; i < seen.size(); i++, index++) {
                    int agent = index % agents;
                    int frame = index / agents;
                    frames.get(agent).add(seen.get(i));
                    labels.get(agent)[frame] = clear.get(i).label();
                    phases.get(agent)[frame] = p;
                    predictions.get(agent)[frame] = predicted[i];
                    if (samples.get(p).size() < SAMPLES_PER_PHASE) {
                        samples.get(p).add(seen.get(i));
                    }
                }
                done.set(index);
            }
        }
        List<AgentStream> streams = new ArrayList<>();
        for (int a = 0; a < agents; a++) {
            Path record = folder.resolve(devices.get(a) + ".record");
            RecordFile.write(record, frames.get(a));
            streams.add(new AgentStream(devices.get(a), record, labels.get(a), phases.get(a), predictions.get(a)));
        }
        return new DemoStream(scenario, streams, samples);
    }

    private List<Image> spoil(Phase phase, List<LabelledImage> clear, int firstIndex) {
        return IntStream.range(0, clear.size())
                .parallel()
                .mapToObj(i ->
                        phase.apply(clear.get(i).image(), new SplittableRandom(seed * 1_000_003 + firstIndex + i + 1)))
                .toList();
    }
}
