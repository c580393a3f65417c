package io.cema.cloud.adaptation;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** {@code cema.adaptation.*}: what this process gives to adaptation. What a cohort wants stands in its policy. */
@ConfigMapping(prefix = "cema.adaptation")
public interface AdaptationConfig {
    /** False: this process trains nothing; another replica does. */
    @WithDefault("true")
    boolean enabled();

    /** Loops that may learn at the same time; each uses {@link #threads}. */
    @WithDefault("1")
    int workers();

    /** libtorch threads of one loop; 0 = one per core. */
    @WithDefault("0")
    int threads();

    /** Run the loops on CUDA (needs the {@code cuda} Maven profile at build time). */
    @WithDefault("false")
    boolean cuda();

    /** How long a loop stays ours without a sign of life, which is given five times as often: the standstill after a crash. */
    @WithDefault("5S")
    Duration lease();

    /** Decoded images kept in memory per loop, bytes. */
    @WithDefault("268435456")
    long imageCacheBytes();
}
