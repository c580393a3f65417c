package io.cema.demo;

import io.cema.bench.image.LabelledImage;
import io.cema.demo.signs.SignClass;
import io.cema.demo.signs.SignGenerator;
import java.util.List;
import java.util.random.RandomGenerator;

/** Traffic signs, each drawn anew: none comes twice, and none was in the training of the models. */
final class SignSupply implements ImageSupply {
    /** Keeps the streams apart from what the trainer draws, which counts its seeds from 0. */
    private static final long STREAM_SEEDS = 1L << 40;

    private final SignGenerator generator = new SignGenerator();
    private final long seed;
    private long batches;

    SignSupply(long seed) {
        this.seed = STREAM_SEEDS + (seed << 20);
    }

    @Override
    public String description() {
        return "the traffic sign generator (" + labels().size() + " classes)";
    }

    @Override
    public List<String> labels() {
        return SignClass.labels();
    }

    @Override
    public List<LabelledImage> draw(int count, RandomGenerator random) {
        return generator.generate(count, seed + batches++).images();
    }
}
